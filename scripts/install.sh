#!/bin/sh
# Installs a downloaded executable for one user, after checking its sum:
#
#     sh install.sh ao-server-linux-x64.gz [folder]
#
# SHA256SUMS has to lie beside the archive. The folder is ~/.local/bin unless it is given.
set -eu

fail() {
  printf 'install: %s\n' "$*" >&2
  exit 1
}

[ $# -ge 1 ] || fail 'which archive? sh install.sh ao-server-linux-x64.gz [folder]'
archive=$1
folder=${2:-$HOME/.local/bin}
name=$(basename "$archive")
source=$(dirname "$archive")

[ -f "$archive" ] || fail "$archive is not there"
[ -f "$source/SHA256SUMS" ] || fail "$source/SHA256SUMS is not there: download it too"

case $(uname -s)-$(uname -m):$name in
  Linux-x86_64:*-linux-x64.gz | Linux-aarch64:*-linux-arm64.gz) ;;
  *) fail "$name is not for this machine ($(uname -s) $(uname -m))" ;;
esac

# The SQLite library inside needs glibc 2.34 (2021): Debian 12, Ubuntu 22.04, RHEL 9 or newer.
libc=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d ' ' -f 2) || libc=
[ -n "$libc" ] || fail 'this system has no glibc (Alpine?): use the npm package on Node 24, or another system'
oldest=$(printf '%s\n2.34\n' "$libc" | sort -V | head -n 1)
[ "$oldest" = 2.34 ] || fail "this system has glibc $libc and 2.34 is needed: use a newer system or a container"

expected=$(awk -v name="$name" '$2 == name || $2 == "*" name { print $1 }' "$source/SHA256SUMS")
[ -n "$expected" ] || fail "SHA256SUMS does not name $name"
actual=$(sha256sum "$archive" | cut -d ' ' -f 1)
[ "$actual" = "$expected" ] || fail "$name has another sum than SHA256SUMS says: download it again"

mkdir -p "$folder"
temporary=$(mktemp "$folder/.ao-server.XXXXXX")
trap 'rm -f "$temporary"' EXIT
gzip -dc "$archive" >"$temporary"
chmod 755 "$temporary"
version=$("$temporary" --version) || fail "the executable does not start here; it needs libstdc++ (Debian package libstdc++6)"
# Renamed over the old one: a server that still runs from it goes on undisturbed.
mv -f "$temporary" "$folder/ao-server"
ln -sf ao-server "$folder/ao-record"

printf 'ao-server %s is in %s\n' "$version" "$folder"
case :$PATH: in
  *:"$folder":*) ;;
  *) printf 'Add it to your PATH: export PATH="%s:$PATH"\n' "$folder" ;;
esac
