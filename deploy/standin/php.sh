# shellcheck shell=bash disable=SC2034
packages=(php8.2-cli php8.2-mbstring tzdata)
drop+='|libmagic-mgc|psmisc|ucf|sensible-utils|php8.2-(opcache|readline)|libbsd0|libmd0|libedit2|libtinfo6'
# Debian's php asks the system for its time zones, also for UTC.
leave=("${leave[@]/%usr\/share\/zoneinfo/usr\/share\/zoneinfo\/right}")
probe=(php -r 'echo mb_strlen("ä") == 1 && ctype_alpha(json_decode("[\"ok\"]")[0]) ? "ok\n" : "no\n";')

# Debian links a module's configuration when it is installed.
finish() {
    local ini
    ln -s php8.2 "$1/usr/bin/php"
    mkdir -p "$1/etc/php/8.2/cli/conf.d"
    for ini in "$1"/usr/share/php8.2-*/*/*.ini; do
        case $(basename "$ini" .ini) in ffi | ftp | phar | shmop | sys*) continue ;; esac
        cp "$ini" "$1/etc/php/8.2/cli/conf.d/$(sed -n 's/^; priority=//p' "$ini")-$(basename "$ini")"
    done
}
