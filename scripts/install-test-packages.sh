#!/usr/bin/env bash
# Installs the Debian packages that the tests need and this machine lacks. Does nothing where nothing is missing, and
# where nothing can be installed (not root, no apt-get): the tests that need them then say what they miss.
set -euo pipefail

packages=(
  acl # setfacl: access control lists, for the comparison with GNU tar
  attr # setfattr
  btrfs-progs # mkfs.btrfs: a quota that is used up
  bzip2 # makes archives for the tests, as do xz-utils and zstd
  curl # does the main job alone
  isal # igzip, for the comparison of decoders
  libcap2-bin # setcap: file capabilities, for the comparison with GNU tar
  libisal2 # the fastest decoder of gzip, where it is installed
  libarchive-tools # bsdtar, another writer of archives
  mmdebstrap # builds the Debian root file system that the tests fetch
  openssl # makes a certificate for https sources
  skopeo # saves images as archives
  umoci # makes and unpacks images of several layers, for comparison
  xfsprogs # mkfs.xfs: power cuts of a store on it
  xz-utils
  zstd
)

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "the tests also need: ${missing[*]} (install them as root: apt-get install ${missing[*]})" >&2
  exit 0
fi
echo "installing what the tests need: ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >/dev/null
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null # its errors are on stderr
