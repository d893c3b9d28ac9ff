#!/bin/bash
# standin.sh -- build a language image from Debian's packages, where no registry answers.
#
#   standin.sh LANGUAGE IMAGE    by the recipe standin/LANGUAGE.sh
#
# The image is a busybox user land, as in Alpine, and the language's packages, unpacked and
# not installed: nothing changes on this machine. It is good enough to run and test every
# job, but its versions are Debian's and nobody updates it. An image whose label
# bullpen.recipe says that it came from the same recipe is left alone (FORCE=1 builds anew).
#
# A recipe sets packages=(...) and probe=(a command that prints ok, with no more than a job may
# do). It may add to drop and leave, set keep='regular expression of packages not to drop', and
# define finish ROOT, with inside COMMAND... to run something in the new root. What recipes
# share is in standin/*.inc, and what they share with an image of our own in images/LANGUAGE.
set -euo pipefail
export LC_ALL=C
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# Dependencies that no program needs at run time.
drop='debconf|perl-base|dpkg|tar|openssl|ca-certificates.*|readline-common|media-types'
drop+='|base-files|debianutils|util-linux.*|libpam0g|libaudit.*|libsystemd0|libgnutls30'
drop+='|node-.*'
# Parts of packages that are left out.
leave=(usr/share/{doc,man,info,locale,lintian,bug,bash-completion,menu,zoneinfo,initramfs-tools}
    usr/lib/*/gconv var/{cache,lib} etc/{init.d,systemd})

# apt-get as if nothing at all were installed, with the packages kept for the next time.
apt() {
    apt-get -q -y -o Dir::State::Status="$work/status" -o Dir::Cache::archives="$cache" \
        -o Debug::NoLocking=1 -o Binary::apt-get::APT::Keep-Downloaded-Packages=true \
        -o APT::Sandbox::User=root -o APT::Update::Post-Invoke= \
        -o APT::Install-Recommends=false "$@"
}

# closure PACKAGE...: these and all they need, less what is dropped
closure() {
    apt -s install "$@" 2>"$work/err" | sed -n 's/^Inst \([^ ]*\).*/\1/p' >"$work/closure"
    [ -s "$work/closure" ] || return 1
    {
        grep -vxE "$drop" "$work/closure"
        grep -xE "${keep:-none}" "$work/closure" || true
        printf '%s\n' "$@"
    } | sort -u
}

# fetch PACKAGE...: the names of their .deb files, downloaded when the cache has them not
fetch() {
    local file
    apt --print-uris download "$@" 2>"$work/err" >"$work/uris" || return 1
    while read -r _ file _; do
        [ -s "$cache/$file" ] || (cd "$cache" && apt download "$@" >/dev/null 2>"$work/err") || return 1
        echo "$cache/$file"
    done <"$work/uris"
}

# skeleton ROOT: folders with /usr merged, as both Debian and Alpine have them now
skeleton() {
    mkdir -p "$1"/usr/{bin,sbin,lib,lib64} "$1"/{etc,tmp,proc,sys,dev,run,root,home,var/tmp}
    ln -s usr/bin usr/sbin usr/lib usr/lib64 "$1/"
    chmod 1777 "$1/tmp" "$1/var/tmp"
    printf '%s\n' root:x:0:0:root:/root:/bin/sh nobody:x:65534:65534:nobody:/:/sbin/nologin >"$1/etc/passwd"
    printf '%s\n' root:x:0: nogroup:x:65534: >"$1/etc/group"
}

# unpack ROOT DEB...
unpack() {
    local root=$1 deb
    shift
    for deb; do
        dpkg-deb --fsys-tarfile "$deb" | tar -C "$root" -xf - --keep-directory-symlink \
            --no-same-owner "${leave[@]/#/--exclude=./}"
    done
}

# applets ROOT: busybox under every name that nobody else has taken; sh is always busybox
applets() {
    local applet
    for applet in $("$1/usr/bin/busybox" --list); do
        case $applet in ar | dpkg | dpkg-deb | rpm | rpm2cpio) continue ;; esac
        [ -e "$1/usr/bin/$applet" ] || [ -L "$1/usr/bin/$applet" ] || [ -e "$1/usr/sbin/$applet" ] ||
            ln -s /bin/busybox "$1/usr/bin/$applet"
    done
    ln -sf /bin/busybox "$1/usr/bin/sh"
}

# inside COMMAND...: in the new root, with /proc and /dev/null; what it leaves in /tmp is removed
inside() {
    local map=()
    [ "$(id -u)" = 0 ] || map=(--map-root-user)
    touch "$work/root/dev/null"
    # shellcheck disable=SC2016
    unshare "${map[@]}" --mount --pid --fork sh -c '
        mount -t proc proc "$0/proc" && mount --bind /dev/null "$0/dev/null" && exec chroot "$0" "$@"' \
        "$work/root" /usr/bin/env -i PATH=/usr/bin LANG=C.UTF-8 HOME=/tmp "$@"
    rm "$work/root/dev/null"
}

[ $# = 2 ] || die 'usage: standin.sh LANGUAGE IMAGE'
language=$1 image=$2 recipe=$deploy/standin/$1.sh
[ -f "$recipe" ] || die "there is no recipe for $language (deploy/standin/$language.sh); only the image named in its YAML file will do"

mapfile -t parts < <(find "$deploy/images/$language" -type f ! -name Dockerfile 2>/dev/null | sort)
id=$(cat "$0" "$deploy"/standin/*.inc "$recipe" "${parts[@]}" | sha256sum | cut -c1-16)
label=$(docker image inspect -f '{{index .Config.Labels "bullpen.recipe"}}' "$image" 2>/dev/null || true)
if [ -z "${FORCE-}" ] && [ "$label" = "$id" ]; then
    say "$image is up to date"
    exit 0
fi
[ "$(. /etc/os-release && echo "$ID $VERSION_ID")" = 'debian 12' ] ||
    die "$image is built from the packages of Debian 12, and this is $(. /etc/os-release && echo "$PRETTY_NAME"). Let the engine reach a registry, or load the real image with 'docker load'"

cache=$state/debs
mkdir -p "$cache/partial"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: >"$work/status"
packages=() probe=()
finish() { :; }
# shellcheck source=/dev/null
. "$recipe"

t0=$SECONDS
# libc-bin has the locale C.UTF-8.
resolve() { closure "${packages[@]}" busybox-static libc-bin >"$work/list"; }
resolve || { apt-get -q update >/dev/null 2>&1 && resolve; } ||
    die "$(cat "$work/err"; echo "$language: apt-get cannot find all that ${packages[*]} needs")"
mapfile -t list <"$work/list"
fetch "${list[@]}" >"$work/debs" || die "$(cat "$work/err"; echo "$language: a download failed")"
mapfile -t debs <"$work/debs"
skeleton "$work/root"
unpack "$work/root" "${debs[@]}"
applets "$work/root"
finish "$work/root"
find "$work/root/tmp" -mindepth 1 -delete
find "$work/root" -perm /6000 -exec chmod a-s {} +
tar -C "$work/root" --numeric-owner --owner=0 --group=0 -cf - . |
    docker import -c "LABEL bullpen.standin=$language bullpen.recipe=$id" \
        -c 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
        -c 'CMD ["/bin/sh"]' - "$image.unproven" >/dev/null
out=$(docker run --rm --network none --read-only --user 65534:65534 --workdir /tmp \
    --tmpfs /tmp:rw,nosuid,nodev,exec,mode=1777 --ulimit nofile=256 --cap-drop ALL \
    "$image.unproven" "${probe[@]}" 2>&1) || true
[ "$out" = ok ] ||
    die "$image was built and kept as $image.unproven, but in it '${probe[*]}' does not print ok. It prints: $out"
old=$(docker image inspect -f '{{.Id}}' "$image" 2>/dev/null || true)
docker tag "$image.unproven" "$image"
docker rmi "$image.unproven" >/dev/null
[ -z "$old" ] || docker rmi "$old" >/dev/null 2>&1 || true # unless containers still use it
say "$image built in $((SECONDS - t0)) s, $(($(docker image inspect -f '{{.Size}}' "$image") / 1000000)) MB"
