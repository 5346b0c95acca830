#!/usr/bin/env bash
# Writes a real Debian 12 root file system (more than 5,000 entries) as a .tar.gz to the path given, with further
# packages where they are named. Needs root, mmdebstrap and a Debian mirror: the one that this machine's apt uses.
set -euo pipefail

out=${1:?usage: create-debian-rootfs.sh FILE.tar.gz [PACKAGE,...]}
packages=${2:-}
suite=bookworm
trap 'rm -f "$out.tmp"' EXIT

# The mirrors of the suite that apt knows here, as lines of a sources.list; none on another distribution or release.
mirrors() {
  apt-get indextargets --format '$(CODENAME) $(REPO_URI) $(COMPONENT)' 'Created-By: Packages' |
    awk -v suite="$suite" '$1 == suite || $1 == suite "-updates" || $1 == suite "-security" { print "deb", $2, $1, $3 }' |
    sort --unique
}

# SOURCE_DATE_EPOCH: the same packages give the same bytes. In root mode, because user namespaces are not everywhere.
list=$(mirrors)
SOURCE_DATE_EPOCH=1700000000 mmdebstrap --quiet --mode=root --variant=apt --format=tar ${packages:+--include="$packages"} \
  --aptopt='Acquire::Check-Valid-Until "false"' "$suite" - ${list:+-} <<<"$list" | gzip --fast --no-name >"$out.tmp"
mv "$out.tmp" "$out"
