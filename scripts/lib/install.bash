# shellcheck shell=bash
# Finds what the tests need on this machine, or installs it with apt when run as root.
# To be sourced after shell.bash. Nothing here starts a server or leaves one started.

# Prints the directory of PostgreSQL's programs, 15 or later; status 1 when there is none.
postgres_programs() {
    local found
    for found in /usr/lib/postgresql/15/bin /usr/lib/postgresql/*/bin "$(dirname "$(command -v postgres)")"; do
        [[ -x $found/postgres && -x $found/initdb && -x $found/pg_ctl ]] || continue
        at_least 15 "$("$found/postgres" --version | grep -oE '[0-9]+(\.[0-9]+)?' | head -n 1)" || continue
        printf '%s\n' "$found"
        return 0
    done
    return 1
}

# Prints RabbitMQ's start script, 3.10 or later; status 1 when there is none. The one below /usr/lib is wanted:
# Debian's wrapper in /usr/sbin changes users by itself.
rabbitmq_program() {
    local program=/usr/lib/rabbitmq/bin/rabbitmq-server version
    [[ -x $program ]] || program=$(command -v rabbitmq-server) || return 1
    version=$(rabbitmq_version)
    [[ -z $version ]] || at_least 3.10 "$version" || return 1
    printf '%s\n' "$program"
}

# Prints RabbitMQ's version, or nothing where it is installed in an unknown place.
rabbitmq_version() {
    local home=(/usr/lib/rabbitmq/lib/rabbitmq_server-*)
    [[ -d ${home[0]} ]] && printf '%s\n' "${home[0]##*-}"
    return 0
}

# Is version $2 at least $1?
at_least() { [[ $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1) == "$1" ]]; }

# Installs Debian packages. "$1" says what for; the rest are packages.
install_packages() {
    local purpose=$1
    shift
    command -v apt-get >/dev/null || fail "$purpose is missing, and there is no apt-get to install it with (packages: $*)"
    [[ $EUID -eq 0 ]] || fail "$purpose is missing: install it with 'sudo apt-get install --no-install-recommends $*', or run this as root"
    say "installing $* (for $purpose)"
    # One at a time on this machine: two would undo each other's policy.
    (
        flock 9
        without_service_starts apt_install "$@"
    ) 9>/run/lock/wxgate-install.lock || fail "$purpose could not be installed: apt-get install $* failed"
}

apt_install() {
    local -a apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
    "${apt[@]}" update >&2 && "${apt[@]}" install --no-install-recommends "$@" >&2
}

# Runs "$@" while packages may not start their services, as Debian's invoke-rc.d lets a machine's owner decide.
# A policy that stands already is kept: it is the owner's word.
without_service_starts() {
    local policy=/usr/sbin/policy-rc.d status=0
    [[ -e $policy ]] && { "$@"; return; }
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    "$@" || status=$?
    rm -f "$policy"
    trap - EXIT
    return "$status"
}

# Keeps the services of packages that were just installed from starting with the machine, and stops them
# where the machine's own policy let them start.
disable_services() {
    [[ -d /run/systemd/system ]] || return 0
    systemctl disable --now "$@" >/dev/null 2>&1 || true
}

ensure_postgres() {
    postgres_programs >/dev/null && return
    install_packages 'PostgreSQL 15' postgresql
    disable_services postgresql.service
    postgres_programs >/dev/null || fail 'PostgreSQL 15 or later cannot be found, although its package was installed'
}

ensure_rabbitmq() {
    rabbitmq_program >/dev/null && return
    install_packages 'RabbitMQ 3.10' rabbitmq-server
    disable_services rabbitmq-server.service epmd.service epmd.socket
    rabbitmq_program >/dev/null || fail 'RabbitMQ 3.10 or later cannot be found, although its package was installed'
}

# Is there a Node.js of 18 or later, with npm?
has_node() {
    command -v npm >/dev/null && at_least 18 "$(node --version 2>/dev/null | tr -d v)"
}

ensure_node() {
    has_node && return
    install_packages 'Node.js 18' nodejs npm
    has_node || fail 'Node.js 18 or later cannot be found, although its package was installed'
}

# For the conversion of voice, and to look at what came of it.
ensure_ffmpeg() {
    command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null && return
    install_packages 'ffmpeg' ffmpeg
}

# The example in Python needs 3.10.
has_python() {
    python3 -c 'import ensurepip, venv' 2>/dev/null && at_least 3.10 "$(python3 --version | cut -d ' ' -f 2)"
}

ensure_python() {
    has_python && return
    install_packages 'Python 3.10 with venv' python3 python3-venv
    has_python || fail 'Python 3.10 or later cannot be found, although its package was installed'
}

has_chromium() {
    command -v chromium >/dev/null && command -v chromedriver >/dev/null
}

# A browser without a screen, with letters to write Chinese in.
ensure_chromium() {
    has_chromium && return
    install_packages 'Chromium' chromium chromium-driver fonts-wqy-microhei
    has_chromium || fail 'Chromium or its driver cannot be found, although their packages were installed'
}

# Reads QR and bar codes off the pages.
ensure_scanner() {
    command -v zbarimg >/dev/null && return
    install_packages 'zbarimg' zbar-tools
}

# A JDK that runs a source file as it is, 17 or later: for the example in Java.
has_java() {
    java --list-modules 2>/dev/null | grep -q '^jdk.compiler@' &&
        at_least 17 "$(java --version | grep -oE '[0-9]+(\.[0-9]+)*' | head -n 1)"
}

ensure_java() {
    has_java && return
    install_packages 'Java 17' default-jdk-headless
    has_java || fail 'Java 17 or later cannot be found, although its package was installed'
}

has_php() {
    command -v php >/dev/null && at_least 8 "$(php -r 'echo PHP_VERSION;')"
}

# For the example in PHP.
ensure_php() {
    has_php && return
    install_packages 'PHP 8' php-cli
    has_php || fail 'PHP 8 or later cannot be found, although its package was installed'
}

# For the example in bash.
ensure_curl() {
    command -v curl >/dev/null && command -v openssl >/dev/null && return
    install_packages 'curl with openssl' curl openssl
}

# Reads docker-compose.yml without an engine.
ensure_compose() {
    command -v docker-compose >/dev/null && return
    install_packages 'docker-compose' docker-compose
}

# Reads units without a running systemd.
ensure_systemd_analyze() {
    command -v systemd-analyze >/dev/null && return
    install_packages 'systemd-analyze' systemd
}

# Makes the folder $1 with cargo's tools of scripts/lib/tools.txt, unless one with these very versions stands.
# Chained, since `set -e` does not hold within a step.
install_tools() {
    local wanted=scripts/lib/tools.txt
    cmp -s "$wanted" "$1/installed" && return
    rm -rf "$1"
    python3 -m venv "$1" &&
        "$1/bin/python" -m pip --quiet --disable-pip-version-check install --requirement "$wanted" &&
        cp "$wanted" "$1/installed"
}
