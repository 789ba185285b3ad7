# shellcheck shell=bash
# Shared by the scripts: messages, ports, processes, and running a command so that it can be interrupted.
# To be sourced; sets no options of its own.

# Says one line on standard error, so that standard output stays the command's.
say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# Says why it cannot go on, and ends with status 1.
fail() {
    say "$*"
    exit 1
}

# Runs "$@" again and again until it succeeds; gives up with status 1 after $1 seconds.
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.05
    done
}

# Is process $1 there and not merely waiting to be reaped? With $2: and is that its program's name?
# Where the first process of a container reaps nobody, `kill -0` alone would wait for ever.
alive() {
    local stat
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
    [[ ${stat##*) } != [ZX]* ]] && { [[ -z ${2-} ]] || [[ $stat == *"($2)"* ]]; }
}

gone() { ! alive "$@"; }

# Prints the process ids of the children of process $1.
children_of() {
    local file stat fields
    for file in /proc/[0-9]*/stat; do
        { read -r stat <"$file"; } 2>/dev/null || continue
        read -ra fields <<<"${stat##*) }"
        [[ ${fields[1]} == "$1" ]] && printf '%s\n' "${stat%% *}"
    done
    return 0
}

# Prints a port of 127.0.0.1 nobody listens on, never one of "$@". Below 32768, where Linux starts
# to pick the ports of outgoing connections, so that none of those takes it meanwhile.
free_port() {
    local port
    while :; do
        port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
        [[ " $* " == *" $port "* ]] && continue
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    printf '%s\n' "$port"
}

# Prints who a server of the package user $1 runs as: root may not, others are themselves.
owner_for() {
    if [[ $EUID -eq 0 ]]; then
        id -u "$1" >/dev/null 2>&1 || fail "running as root needs the user '$1', which its Debian package makes"
        printf '%s\n' "$1"
    else
        id -un
    fi
}

# Becomes user $1 and runs the rest, in place of this process: the process id stays.
become() {
    local owner=$1
    shift
    if [[ $EUID -eq 0 ]]; then
        exec setpriv --reuid="$owner" --regid="$(id -g "$owner")" --init-groups -- "$@"
    fi
    exec "$@"
}

# Runs "$@" in a process group of its own and returns its status. INT and TERM reach the whole group as TERM; what is
# left of it after `group_grace` seconds (10), and whatever the command leaves behind, is killed. `on_group` is called
# with the group's id, if there is such a function.
run_group() {
    local group='' status=0 signalled=''
    trap 'signalled=130; signal_group "$group"' INT
    trap 'signalled=143; signal_group "$group"' TERM HUP
    set -m
    "$@" </dev/null &
    group=$!
    set +m
    # The signal may have come before there was a group.
    if [[ -n $signalled ]]; then signal_group "$group"; fi
    if declare -F on_group >/dev/null; then on_group "$group"; fi
    wait -f "$group" || status=$?
    while [[ -n $signalled ]] && alive "$group"; do
        wait_until "${group_grace:-10}" gone "$group" || kill -KILL -- "-$group" 2>/dev/null || true
    done
    kill -KILL -- "-$group" 2>/dev/null || true
    trap - INT TERM HUP
    return "${signalled:-$status}"
}

# CONT wakes processes that are paused, which would not hear TERM.
signal_group() {
    [[ -n $1 ]] || return 0
    kill -TERM -- "-$1" 2>/dev/null || true
    kill -CONT -- "-$1" 2>/dev/null || true
}
