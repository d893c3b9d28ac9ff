#!/bin/bash
# images.sh -- have the image of every language; say which kind it is.
#
#   images.sh               the pinned images, if they are here or a registry answers;
#                           else stand-ins from Debian's packages
#   images.sh pinned        these or none
#   images.sh standin       stand-ins, whatever answers
#
# Languages are the YAML files in $BULLPEN_LANGUAGES (lang-registry/languages). The last line
# of stdout is what the workers need: BULLPEN_IMAGES=pinned or BULLPEN_IMAGES=standin.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

languages=${BULLPEN_LANGUAGES:-$root/lang-registry/languages}

here() { docker image inspect "$1" >/dev/null 2>&1; }

# Does a registry answer for this image? The engine asks it, for five seconds at most.
registry_has() {
    curl -fsS -m 5 --unix-socket "$socket" "http://docker/distribution/$1/json" >/dev/null 2>&1
}

# Every pinned image that is not here.
missing_images() {
    local file image
    for file in "${files[@]}"; do
        for image in $(images_in versions "$file"); do
            here "$image" || echo "$image"
        done
    done
}

get_pinned() {
    local image
    for image in "${missing[@]}"; do
        say "pulling $image"
        docker pull -q "$image" >/dev/null ||
            die "$image is not here and cannot be pulled; correct its YAML file, 'docker load' it, or try again"
    done
    for file in "${files[@]}"; do
        say "$(basename "$file" .yaml): $(images_in versions "$file" | tr '\n' ' ')"
    done
}

get_standins() {
    local file language image
    "$deploy/packages.sh" images
    for file in "${files[@]}"; do
        language=$(basename "$file" .yaml)
        image=$(images_in standin "$file")
        if [ -z "$image" ]; then
            say "$language: no stand-in; jobs in it will fail until its image is here: $(images_in versions "$file" | tr '\n' ' ')"
            continue
        fi
        "$deploy/standin.sh" "$language" "$image"
        say "$language: $image, a stand-in"
    done
}

# choose KIND: set it, after a look at what is to be had
choose() {
    mapfile -t missing < <(missing_images)
    case $1 in
    pinned | standin) kind=$1 ;;
    '')
        kind=pinned
        [ ${#missing[@]} = 0 ] || registry_has "${missing[0]}" || {
            kind=standin
            say "${missing[0]} is not here, and no registry gives it: stand-ins from Debian's packages instead"
        }
        ;;
    *) die "no such kind of images: $1 (pinned or standin)" ;;
    esac
}

socket=$("$deploy/engine.sh" socket) ||
    die "no Docker engine answers; start one with deploy/engine.sh start"
export DOCKER_HOST=unix://$socket
"$deploy/packages.sh" docker-cli
files=("$languages"/*.yaml)
[ -f "${files[0]}" ] || die "no languages in $languages"

choose "${1:-${BULLPEN_IMAGES-}}"
one_at_a_time images
if [ "$kind" = pinned ]; then get_pinned; else get_standins; fi
echo "BULLPEN_IMAGES=$kind"
