/** Labels of the WHATWG encodings behind PostgreSQL's server encodings; others read as Latin 1. */
const labels: Readonly<Record<string, string>> = {
  UTF8: "utf-8",
  EUC_JP: "euc-jp",
  EUC_KR: "euc-kr",
  EUC_CN: "gb18030",
  KOI8R: "koi8-r",
  KOI8U: "koi8-u",
  LATIN2: "iso-8859-2",
  LATIN3: "iso-8859-3",
  LATIN4: "iso-8859-4",
  LATIN6: "iso-8859-10",
  LATIN7: "iso-8859-13",
  LATIN8: "iso-8859-14",
  LATIN9: "iso-8859-15",
  LATIN10: "iso-8859-16",
  ISO_8859_5: "iso-8859-5",
  ISO_8859_6: "iso-8859-6",
  ISO_8859_7: "iso-8859-7",
  ISO_8859_8: "iso-8859-8",
  WIN866: "ibm866",
  WIN874: "windows-874",
  WIN1250: "windows-1250",
  WIN1251: "windows-1251",
  WIN1252: "windows-1252",
  WIN1253: "windows-1253",
  WIN1254: "windows-1254",
  WIN1255: "windows-1255",
  WIN1256: "windows-1256",
  WIN1257: "windows-1257",
  WIN1258: "windows-1258",
};

/** Text for people and manifests out of bytes in a server encoding. SQL_ASCII may be anything. */
export function decodeText(bytes: Buffer | null, encoding: string): string {
  if (bytes === null) return "";
  const label = encoding === "SQL_ASCII" ? "utf-8" : labels[encoding];
  if (label === undefined) return bytes.toString("latin1");
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return bytes.toString("latin1");
  }
}
