#!/usr/bin/env bash
# Turns a recovery point of pgvault into a folder that pg_restore reads, without pgvault.
# Needs bash, jq, sha256sum, pg_restore, and: curl for URLs, zstd or gzip as the manifest says, node
# (any version from 16 on) only when the recovery point is encrypted. See docs/vault-format.md.
#
#   restore-by-hand.sh MANIFEST PACKS OUT
#
# MANIFEST  manifest.json of the recovery point: a file, or an https URL
# PACKS     the folder that holds its packs: a directory, or an https URL
# OUT       a folder to create; afterwards: pg_restore --format=directory --jobs=4 --dbname=NEW OUT
#
# PGVAULT_SAS       shared access signature ("sv=…&sig=…") put behind every URL
# PGVAULT_KEY_FILE  the 32-byte key file that wraps the data key of an encrypted recovery point, or
# PGVAULT_DATA_KEY  that data key itself, 64 hexadecimal digits, unwrapped by Key Vault
set -euo pipefail

[ $# -eq 3 ] || { sed -n '2,17s/^# \{0,1\}//p' "$0" >&2; exit 64; }
manifest_at=$1 packs_at=${2%/} out=$3
[ ! -e "$out" ] || { echo "$out exists already" >&2; exit 73; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT

# fetch FROM TO: copies a blob or file whole.
fetch() {
  case $1 in
    http://* | https://*)
      curl --fail --silent --show-error --retry 5 --output "$2" "$1${PGVAULT_SAS:+?$PGVAULT_SAS}" ;;
    *) cp "$1" "$2" ;;
  esac
}

fetch "$manifest_at" "$work/manifest.json"
# A manifest of a vault holds the archive under .archive; the archive alone will do as well.
jq '.archive // .' "$work/manifest.json" > "$work/archive.json"
[ "$(jq -r .format "$work/archive.json")" = directory ] || { echo "not a directory archive" >&2; exit 65; }
compression=$(jq -r .compression "$work/archive.json")

data_key=
if jq -e .encryption "$work/archive.json" > /dev/null; then
  [ -n "${PGVAULT_DATA_KEY:-}${PGVAULT_KEY_FILE:-}" ] ||
    { echo "encrypted: PGVAULT_KEY_FILE or PGVAULT_DATA_KEY is needed" >&2; exit 78; }
  # wrappedKey by a file: 12 bytes nonce, 32 bytes key sealed with AES-256-GCM, 16 bytes tag. The data
  # key also made the MAC over what the manifest says of packs, files and segments.
  data_key=$(node -e '
    const c = require("node:crypto"), fs = require("node:fs"), { PGVAULT_DATA_KEY: hex, PGVAULT_KEY_FILE: file } = process.env;
    const fail = (why) => { console.error(why); process.exit(65); };
    const a = JSON.parse(fs.readFileSync(process.argv[1], "utf8")), { keyId, wrappedKey, mac } = a.encryption;
    const unwrap = (w) => {
      try {
        const d = c.createDecipheriv("aes-256-gcm", fs.readFileSync(file), w.subarray(0, 12));
        d.setAAD(Buffer.from("pgvault data key " + keyId)); d.setAuthTag(w.subarray(44));
        return Buffer.concat([d.update(w.subarray(12, 44)), d.final()]);
      } catch (e) { fail(`${file} does not unwrap what ${keyId} wrapped: ${e.message}`); }
    };
    const key = hex ? Buffer.from(hex, "hex") : unwrap(Buffer.from(wrappedKey, "base64"));
    const lines = ["pgvault manifest 1", `${a.format} ${a.compression}`, ...a.packs.map((p) => `pack ${p.length} ${p.name}`)];
    for (const f of a.files) lines.push(`file ${f.rows ?? "-"} ${f.name}`, ...f.segments.map((s) =>
      `segment ${s.pack} ${s.offset} ${s.length} ${s.rawLength} ${s.sha256}`));
    const own = c.createHmac("sha256", key).update(lines.join("\n") + "\n").digest("base64");
    if (own !== mac) fail("the manifest was changed, or this is not its data key");
    process.stdout.write(key.toString("hex"));
  ' "$work/archive.json")
fi

# decrypt PACK OFFSET: stdin is nonce, ciphertext, tag; the place is what else was sealed.
decrypt() {
  if [ -z "$data_key" ]; then cat; return; fi
  DATA_KEY=$data_key node -e '
    const c = require("node:crypto"), s = require("node:fs").readFileSync(0);
    const d = c.createDecipheriv("aes-256-gcm", Buffer.from(process.env.DATA_KEY, "hex"), s.subarray(0, 12));
    d.setAAD(Buffer.from(process.argv[1])); d.setAuthTag(s.subarray(s.length - 16));
    process.stdout.write(Buffer.concat([d.update(s.subarray(12, s.length - 16)), d.final()]));
  ' "$1/$2"
}

decompress() {
  case $compression in
    zstd) zstd --decompress --stdout --quiet ;;
    gzip) gzip --decompress --stdout ;;
    none) cat ;;
    *) echo "unknown compression $compression" >&2; return 65 ;;
  esac
}

mkdir -p "$work/packs" "$work/out"
jq -r '.packs[] | [.name, .length] | @tsv' "$work/archive.json" |
  while IFS=$'\t' read -r name length; do
    fetch "$packs_at/$name" "$work/packs/$name"
    [ "$(stat -c %s "$work/packs/$name")" = "$length" ] || { echo "$name has another length" >&2; exit 65; }
  done

# One line a segment, in order; a file without segments has one line with nothing behind its name.
jq -r '. as $a | .files[] | .name as $file | if (.segments | length) == 0 then [$file] else
  .segments[] | [$file, $a.packs[.pack].name, .pack, .offset, .length, .sha256] end | @tsv' "$work/archive.json" |
  while IFS=$'\t' read -r file pack index offset length sum; do
    case $file in */* | .*) echo "bad file name $file" >&2; exit 65 ;; esac
    if [ -z "$pack" ]; then : > "$work/out/$file"; continue; fi
    dd if="$work/packs/$pack" iflag=skip_bytes,count_bytes skip="$offset" count="$length" bs=1M \
      of="$work/segment" status=none
    echo "$sum  $work/segment" | sha256sum --check --status ||
      { echo "$file: the checksum differs in $pack at offset $offset" >&2; exit 65; }
    decrypt "$index" "$offset" < "$work/segment" | decompress >> "$work/out/$file"
  done

pg_restore --list "$work/out" > /dev/null
mv "$work/out" "$out"
echo "Wrote $out. Next: createdb --template=template0 NEW && pg_restore --format=directory --jobs=4 --dbname=NEW $out"
