// Stores through a wxgate sandbox with Upyun's own SDK for Node.js.
//
//     npm ci --prefix upyun-node
//     NODE_PATH=upyun-node/node_modules node upyun_sdk.cjs http://127.0.0.1:8182
//
// Upyun wrote it for its real service: what it accepts, the sandbox got right. It prints one line for each check and
// exits with 1 when any of them failed.

const crypto = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')
const upyun = require('upyun')

const SAMPLES = path.join(__dirname, '..', '..', 'sandbox', 'samples')
const TIMEOUT_MS = 20_000
const MIB = 1 << 20
let failed = 0

function check(name, holds, detail = '') {
  console.log(`${holds ? 'ok    ' : 'FAILED'} ${name}${holds ? '' : `: ${JSON.stringify(detail)}`}`)
  failed += holds ? 0 : 1
}

async function refused(name, code, call) {
  try {
    check(name, false, { accepted: await call() })
  } catch (error) {
    check(name, error.code === code, { code: error.code, message: error.message })
  }
}

const sample = (name) => fs.readFileSync(path.join(SAMPLES, name))
const md5 = (bytes) => crypto.createHash('md5').update(bytes).digest('hex')

async function checkFiles(client) {
  const text = '咖啡 & tea'
  check('a text is uploaded', (await client.putFile('/node/文 1+~(x).txt', text)) === true)
  check('it is read again', (await client.getFile('/node/文 1+~(x).txt')) === text)
  const head = await client.headFile('/node/文 1+~(x).txt')
  const right = head.type === 'file' && head.size === Buffer.byteLength(text) && head['Content-Md5'] === md5(text)
  check('its facts are right', right, head)

  const picture = sample('image.png')
  const told = await client.putFile('/node/image.png', picture, {
    'Content-MD5': md5(picture), 'Content-Type': 'image/png', 'x-upyun-meta-from': 'node',
  })
  check('a picture with a checksum is uploaded and measured', told.width === 64 && told['file-type'] === 'PNG', told)
  check('what is not there is false', (await client.headFile('/node/nothing')) === false)
}

async function checkMetadata(client) {
  await client.updateMetadata('/node/image.png', { colour: 'green' })
  const metadata = await client.getMetadata('/node/image.png')
  const right = metadata['x-upyun-meta-from'] === 'node' && metadata['x-upyun-meta-colour'] === 'green'
  check('metadata are merged', right, metadata)
}

async function checkFolders(client) {
  check('a folder is made', await client.makeDir('/node/empty'))
  const { files, next } = await client.listDir('/node')
  const told = files.map(({ name, type }) => `${name} ${type}`).join(', ')
  check('files and folders are listed', told === 'empty F, image.png N, 文 1+~(x).txt N', told)
  check('on one page', next === 'g2gCZAAEbmV4dGQAA2VvZg', next)
  const first = await client.listDir('/node', { limit: 2, order: 'desc' })
  const rest = await client.listDir('/node', { limit: 2, order: 'desc', iter: first.next })
  const names = [...first.files, ...rest.files].map(({ name }) => name).join(', ')
  check('or on two, the other way round', names === '文 1+~(x).txt, image.png, empty', names)
  check('an empty folder lists nothing', (await client.listDir('/node/empty')).files.length === 0)
  const used = Number(await client.usage('/node'))
  check('the usage is the sum', used === sample('image.png').length + Buffer.byteLength('咖啡 & tea'), used)
}

async function checkTransfers(client) {
  check('a file is copied', await client.copy('/node/copy.png', '/node/image.png'))
  check('a file is moved', await client.move('/node/moved.png', '/node/copy.png'))
  const there = [await client.headFile('/node/copy.png'), (await client.headFile('/node/moved.png')).type]
  check('and is where it was moved to', there[0] === false && there[1] === 'file', there)
}

async function checkParts(client) {
  const whole = Buffer.concat([Buffer.alloc(MIB, 7), Buffer.from('the end')])
  const { uuid, partCount } = await client.initMultipartUpload('/node/large.bin', whole)
  check('an upload in parts begins', partCount === 2 && uuid.length === 36, { partCount, uuid })
  for (const part of [1, 0]) {
    await client.multipartUpload('/node/large.bin', whole, uuid, part)
  }
  check('it is not there before its end', (await client.headFile('/node/large.bin')) === false)
  check('it is completed', await client.completeMultipartUpload('/node/large.bin', uuid))
  const head = await client.headFile('/node/large.bin')
  check('and whole', head['Content-Md5'] === md5(whole), head)
}

// The vendor's own test does this very job: an AMR file whose upload starts its conversion.
async function checkForm(client, base) {
  const told = await client.formPutFile('/node/form.amr', sample('voice.amr'), {
    'content-type': 'audio/amr',
    apps: [{ name: 'naga', type: 'video', avopts: '/f/mp3', return_info: true, save_as: '/node/form.mp3' }],
  })
  check('a form is taken and starts a task', told.code === 200 && told.task_ids.length === 1, told)
  const deadline = Date.now() + TIMEOUT_MS
  let status
  do {
    const answer = await fetch(`${base}/status/?service=sandbox&task_ids=${told.task_ids[0]}`, {
      headers: { Authorization: `Basic ${Buffer.from('sandbox:sandbox-password').toString('base64')}` },
    })
    status = (await answer.json()).tasks[told.task_ids[0]]
  } while (status !== 100 && status !== -1 && Date.now() < deadline)
  const mp3 = await client.headFile('/node/form.mp3')
  check('the MP3 is there', status === 100 && mp3.type === 'file' && mp3.size > 1000, { status, mp3 })
}

async function checkRefusals(client, options) {
  const service = (bucket, operator, password) =>
    new upyun.Client(new upyun.Service(bucket, operator, password), options)
  const text = (who) => () => who.putFile('/node/x.txt', 'x')
  await refused('an unknown operator is refused', 40100006, text(service('sandbox', 'nobody', 'sandbox-password')))
  await refused('a wrong password is refused', 40100005, text(service('sandbox', 'sandbox', 'a guess')))
  await refused('an unknown bucket is refused', 40100012, text(service('elsewhere', 'sandbox', 'sandbox-password')))
  await refused('a wrong checksum is refused', 40000006, () =>
    client.putFile('/node/x.txt', 'x', { 'Content-MD5': md5('y') }))
  await refused('a folder with something in it stays', 40300005, () => client.deleteDir('/node'))
}

async function checkDeletion(client) {
  const { files } = await client.listDir('/node')
  for (const { name } of files) {
    check(`${name} is deleted`, await client.deleteFile(`/node/${name}`))
  }
  check('the folder is deleted', await client.deleteDir('/node'))
  check('nothing is left', (await client.listDir('/node')) === false)
}

async function main() {
  if (process.argv.length !== 3) {
    console.error(`usage: ${process.argv[1]} BASE_URL`)
    process.exit(1)
  }
  const base = process.argv[2].replace(/\/$/, '')
  const options = { domain: new URL(base).host, protocol: 'http' }
  const client = new upyun.Client(new upyun.Service('sandbox', 'sandbox', 'sandbox-password'), options)
  await checkFiles(client)
  await checkMetadata(client)
  await checkFolders(client)
  await checkTransfers(client)
  await checkParts(client)
  await checkForm(client, base)
  await checkRefusals(client, options)
  await checkDeletion(client)
  process.exit(failed ? 1 : 0)
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
