#!/bin/bash
# images.sh -- have the images of the languages; say which kind it is.
#
#   images.sh [LANGUAGE...]           the pinned images, if they are here or a registry answers;
#                                     else stand-ins from Debian's packages
#   images.sh pinned [LANGUAGE...]    these or none
#   images.sh standin [LANGUAGE...]   stand-ins, whatever answers
#   images.sh build [LANGUAGE...]     those of the pinned ones that are our own, once more
#
# Languages are the YAML files in $BULLPEN_LANGUAGES (lang-registry/languages); without a name,
# all of them. Pinned images are pulled, but ours are built: those with a Dockerfile in
# images/LANGUAGE. The last line of stdout is what the workers need: BULLPEN_IMAGES=pinned or
# BULLPEN_IMAGES=standin.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

languages=${BULLPEN_LANGUAGES:-$root/lang-registry/languages}

here() { docker image inspect "$1" >/dev/null 2>&1; }

# Does a registry answer for this image? The engine asks it, for five seconds at most.
registry_has() {
    curl -fsS -m 5 --unix-socket "$socket" "http://docker/distribution/$1/json" >/dev/null 2>&1
}

# The Dockerfile of a language's image, if it is one of ours.
dockerfile() { ls "$deploy/images/$1/Dockerfile" 2>/dev/null; }

# Every pinned image that is not here, as "IMAGE LANGUAGE".
missing_images() {
    local language image
    for language in "${wanted[@]}"; do
        for image in $(images_in versions "$languages/$language.yaml"); do
            here "$image" || echo "$image $language"
        done
    done
}

# What a registry has to give for it: the image, or what ours is built upon.
wants() {
    local image=$1 file
    ! file=$(dockerfile "$2") || image=$(sed -n 's/^FROM \([^ ]*\).*/\1/p' "$file" | head -n 1)
    echo "$image"
}

get_pinned() {
    local line image language
    for line in "${missing[@]}"; do
        read -r image language <<<"$line"
        if dockerfile "$language" >/dev/null; then
            build_image "$language" "$image"
            continue
        fi
        say "pulling $image"
        docker pull -q "$image" >/dev/null ||
            die "$image is not here and cannot be pulled; correct its YAML file, 'docker load' it, or try again"
    done
    for language in "${wanted[@]}"; do
        say "$language: $(images_in versions "$languages/$language.yaml" | tr '\n' ' ')"
    done
}

# build_image LANGUAGE IMAGE
build_image() {
    say "building $2"
    docker build -q -t "$2" "$deploy/images/$1" >/dev/null ||
        die "$2 cannot be built; 'docker build deploy/images/$1' says why"
}

build_ours() {
    local language image
    for language in "${wanted[@]}"; do
        dockerfile "$language" >/dev/null || continue
        for image in $(images_in versions "$languages/$language.yaml"); do
            build_image "$language" "$image"
        done
    done
}

get_standins() {
    local language image
    "$deploy/packages.sh" images
    for language in "${wanted[@]}"; do
        image=$(images_in standin "$languages/$language.yaml")
        if [ -z "$image" ]; then
            say "$language: no stand-in; jobs in it will fail until its image is here: $(images_in versions "$languages/$language.yaml" | tr '\n' ' ')"
            continue
        fi
        "$deploy/standin.sh" "$language" "$image"
        say "$language: $image, a stand-in"
    done
}

# choose KIND: set it, after a look at what is to be had
choose() {
    local first
    mapfile -t missing < <(missing_images)
    kind=${1:-pinned}
    [ -z "$1" ] && [ ${#missing[@]} -gt 0 ] || return 0
    # shellcheck disable=SC2086
    first=$(wants ${missing[0]})
    here "$first" || registry_has "$first" || {
        kind=standin
        say "$first is not here, and no registry gives it: stand-ins from Debian's packages instead"
    }
}

kind=${BULLPEN_IMAGES-}
case ${1-} in pinned | standin | build)
    kind=$1
    shift
    ;;
esac
case $kind in '' | pinned | standin | build) ;; *) die "no such kind of images: $kind (pinned or standin)" ;; esac
wanted=("$@")
[ $# -gt 0 ] || for file in "$languages"/*.yaml; do wanted+=("$(basename "$file" .yaml)"); done
for language in "${wanted[@]}"; do
    [ -f "$languages/$language.yaml" ] || die "no language $language in $languages"
done

socket=$("$deploy/engine.sh" socket) ||
    die "no Docker engine answers; start one with deploy/engine.sh start"
export DOCKER_HOST=unix://$socket
"$deploy/packages.sh" docker-cli

choose "$kind"
one_at_a_time images
case $kind in
pinned) get_pinned ;;
standin) get_standins ;;
build) build_ours && kind=pinned ;;
esac
echo "BULLPEN_IMAGES=$kind"
