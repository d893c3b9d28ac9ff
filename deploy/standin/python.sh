# shellcheck shell=bash disable=SC2034
packages=(python3.11-minimal libpython3.11-stdlib)
probe=(python3 -c 'import json, math, re; print("ok")')

finish() {
    local lib=$1/usr/lib/python3.11
    ln -sf python3.11 "$1/usr/bin/python3"
    ln -sf python3.11 "$1/usr/bin/python"
    rm -rf "$lib"/{test,idlelib,lib2to3,ensurepip,turtledemo,tkinter,distutils,pydoc_data,unittest/test}
    # Byte code: otherwise each start on a read-only root compiles all that it imports.
    inside sh -c "find /usr/lib/python3.11 -name '*.py' -print0 |
        xargs -0 -n 120 -P $(nproc) python3 -m compileall -q --invalidation-mode unchecked-hash"
}
