import { BlobServiceClient, type ContainerClient } from "@azure/storage-blob";
import type { ArchiveFile, Manifest } from "../../src/domain/manifest.ts";
import { parseVaultPath } from "../../src/domain/vault-paths.ts";

/** What lies in the storage of a vault, looked at past pgvault. */
export interface VaultBlobs {
  readonly manifests: readonly string[];
  readonly packs: readonly string[];
  /** Blobs below a recovery point, staged ones too, that no manifest names. */
  readonly orphans: readonly string[];
  /** Packs that a manifest names and that are not there. */
  readonly missing: readonly string[];
}

export async function lookAtVault(storage: string): Promise<VaultBlobs> {
  const found = { manifests: [], packs: [], orphans: [], missing: [] } as Mutable<VaultBlobs>;
  for await (const container of containersOf(storage)) {
    const names = new Set<string>();
    for await (const blob of container.listBlobsFlat({ includeUncommitedBlobs: true })) {
      names.add(blob.name);
    }
    const manifests = [...names].filter((name) => parseVaultPath(name)?.kind === "manifest");
    const named = new Set<string>();
    for (const path of manifests) {
      for (const pack of await packsOf(container, path)) named.add(pack);
    }
    const below = [...names].filter((name) => name.includes("/recovery-points/"));
    found.manifests.push(...manifests);
    found.packs.push(...named);
    found.orphans.push(...below.filter((name) => !named.has(name) && !manifests.includes(name)));
    found.missing.push(...[...named].filter((name) => !names.has(name)));
  }
  return found;
}

/** Where a byte of a pack lies, and what it is part of. */
export interface StoredByte {
  readonly what: string;
  readonly pack: string;
  readonly offset: number;
}

/** The first, a middle and the last byte of each kind of file in the one recovery point there is. */
export async function bytesOfEachKind(storage: string): Promise<readonly StoredByte[]> {
  for await (const container of containersOf(storage)) {
    for await (const { name } of container.listBlobsFlat()) {
      if (parseVaultPath(name)?.kind !== "manifest") continue;
      const { archive } = await readManifest(container, name);
      const packs = await packsOf(container, name);
      const longest = archive.files.toSorted((one, other) => lengthOf(other) - lengthOf(one));
      const kinds = [
        archive.files.find((file) => file.name === "toc.dat"),
        longest.find((file) => file.table !== undefined),
        longest.find((file) => file.name.startsWith("blob_")),
      ];
      return kinds.flatMap((file) => {
        const segment = file?.segments[0];
        const pack = segment === undefined ? undefined : packs[segment.pack];
        if (file === undefined || segment === undefined || pack === undefined) return [];
        return [0, Math.floor(segment.length / 2), segment.length - 1].map((at) => ({
          what: `byte ${at} of ${segment.length} of ${file.name}`,
          pack,
          offset: segment.offset + at,
        }));
      });
    }
  }
  throw new Error("There is no recovery point.");
}

/** Turns one bit of a blob; turning it again mends the blob. */
export async function turnBit(storage: string, name: string, offset: number): Promise<void> {
  for await (const container of containersOf(storage)) {
    const blob = container.getBlockBlobClient(name);
    if (!(await blob.exists())) continue;
    const content = await blob.downloadToBuffer();
    const index = offset < 0 ? content.length + offset : offset;
    content.writeUInt8(content.readUInt8(index) ^ 1, index);
    await blob.uploadData(content);
    return;
  }
  throw new Error(`There is no blob ${name}.`);
}

type Mutable<T> = {
  -readonly [Key in keyof T]: T[Key] extends readonly string[] ? string[] : never;
};

async function* containersOf(storage: string): AsyncGenerator<ContainerClient> {
  const service = BlobServiceClient.fromConnectionString(storage);
  for await (const { name } of service.listContainers()) yield service.getContainerClient(name);
}

async function packsOf(container: ContainerClient, manifestPath: string): Promise<string[]> {
  const { attempt, archive } = await readManifest(container, manifestPath);
  const folder = manifestPath.slice(0, manifestPath.lastIndexOf("/"));
  return archive.packs.map(({ name }) => `${folder}/packs/${attempt}/${name}`);
}

async function readManifest(container: ContainerClient, path: string): Promise<Manifest> {
  const content = await container.getBlobClient(path).downloadToBuffer();
  return JSON.parse(content.toString("utf8")) as Manifest;
}

const lengthOf = ({ segments }: ArchiveFile): number =>
  segments.reduce((sum, { length }) => sum + length, 0);
