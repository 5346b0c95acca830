#!/usr/bin/env bash
# Writes a small root file system that can be chrooted into as a tar: ./test-image.tar, or the path given as argument.
# Made of this machine's own shell and tools, without network, the same bytes each time on one machine. It holds what a
# careless unpacker gets wrong: devices, a FIFO, setuid, hard links, absolute and dangling symbolic links, other owners,
# an extended attribute, a name that is not UTF-8.
set -euo pipefail
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
umask 022

image=${1:-test-image.tar}
root=$(mktemp -d)
trap 'rm -rf "$root" "$image.tmp"' EXIT

main() {
  mkdir -p "$root"/{dev,etc,home/user,proc,root,run,sys,tmp,usr/{bin,lib,lib64,sbin},var/{empty,log}}
  ln -s usr/bin "$root/bin"
  ln -s usr/lib "$root/lib"
  ln -s usr/lib64 "$root/lib64"
  ln -s usr/sbin "$root/sbin"
  copy_commands
  write_files
  make_oddities
  set_modes_and_owners
  pack
}

copy_commands() {
  local name
  for name in sh cat chmod chown cp date df echo env false head hostname id ln ls mkdir mv readlink rm rmdir sha256sum \
    sleep sort stat tail touch true uname wc; do
    copy_command "$name"
  done
}

# A command and the libraries it loads, each under its own path below /usr.
copy_command() {
  local file library
  file=$(type -P "$1")
  install -m 0755 "$(readlink -f "$file")" "$root/usr/bin/$1"
  { ldd "$file" 2>/dev/null || true; } | grep -o '/[^ ]*' | while read -r library; do
    install -D -m 0755 "$(readlink -f "$library")" "$root/usr${library#/usr}"
  done
}

write_files() {
  printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\n' >"$root/etc/passwd"
  printf 'root:x:0:\nuser:x:1000:\n' >"$root/etc/group"
  printf 'root:*:20000:0:99999:7:::\n' >"$root/etc/shadow"
  printf 'NAME="imgstore test image"\nID=imgstore-test\nVERSION_ID=1\n' >"$root/usr/lib/os-release"
  printf 'This is the lower layer: it never changes.\n' >"$root/etc/motd"
  printf 'A file of another owner.\n' >"$root/home/user/notes.txt"
}

make_oddities() {
  ln -s ../usr/lib/os-release "$root/etc/os-release"
  ln -s /usr/bin/sh "$root/usr/bin/absolute-sh"
  ln -s /nowhere/to/be/found "$root/etc/dangling"
  ln "$root/usr/bin/cat" "$root/usr/bin/cat-hard"
  mkfifo -m 0620 "$root/run/fifo"
  printf 'latin1\n' >"$root/home/user/caf"$'\xe9'
  make_device null c 1 3
  make_device zero c 1 5
  make_device full c 1 7
  make_device random c 1 8
  make_device urandom c 1 9
  make_device tty c 5 0
  make_device loop0 b 7 0
}

# A device where this machine lets us make one; where it does not, the image is made without.
make_device() {
  if mknod "$root/dev/$1" "$2" "$3" "$4" 2>/dev/null; then
    chmod 0666 "$root/dev/$1"
  else
    echo "cannot make /dev/$1 here (not root?): the image goes without" >&2
  fi
}

set_modes_and_owners() {
  chmod 0755 "$root"
  chmod 1777 "$root/tmp"
  chmod 0700 "$root/root"
  chmod 0640 "$root/etc/shadow"
  if [ "$(id -u)" -eq 0 ]; then
    chown -R 1000:1000 "$root/home/user"
    chown 0:42 "$root/etc/shadow"
  fi
  # after chown, because chown clears them
  chmod 4755 "$root/usr/bin/id"
  chmod 2755 "$root/var/log"
  find "$root" -depth -exec touch --no-dereference --date=@1700000000.123456789 {} +
}

# The extended attribute is written by tar itself, so that no file system and no further tool is asked for it; that goes
# for a whole run of tar, hence the second one for a single file.
pack() {
  local options=(--format=pax --numeric-owner --sort=name --directory "$root")
  [ "$(id -u)" -eq 0 ] || options+=(--owner=0 --group=0)
  local pax=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime
  tar "${options[@]}" --pax-option="$pax" --exclude=./etc/motd --create --file "$image.tmp" .
  tar "${options[@]}" --pax-option="$pax,SCHILY.xattr.user.comment:=kept" --append --file "$image.tmp" ./etc/motd
  mv "$image.tmp" "$image"
  echo "wrote $image: $(tar -tf "$image" | wc -l) entries, $(stat -c %s "$image") bytes"
}

main
