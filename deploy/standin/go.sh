# shellcheck shell=bash disable=SC2034,SC2154
packages=(golang-1.19-go golang-1.19-src)
leave+=(usr/share/go-1.19/{api,misc,test} usr/lib/go-1.19/{api,misc,test} usr/lib/go-1.19/pkg/'linux_amd64_*')
probe=(sh -c 'echo "package main; import \"fmt\"; func main() { fmt.Println(\"ok\") }" >ok.go && go-compile ok ok.go && ./ok')

# The standard library as go-compile wants it, the compiler and the linker; the rest goes.
finish() {
    local go=$1/usr/lib/go-1.19
    ln -s ../lib/go-1.19/bin/go "$1/usr/bin/go"
    mkdir -p "$1/usr/local/bin"
    cp "$deploy/images/go/go-compile" "$1/usr/local/bin/"
    cp "$deploy/images/go/go-std" "$1/tmp/"
    inside /tmp/go-std
    rm -rf "$1/usr/share/go-1.19" "$1/usr/bin/go" "$1"/usr/lib/go-1.19/{src,bin} "$go/pkg/linux_amd64"
    find "$go/pkg/tool" -type f ! -name compile ! -name link -delete
}
