import { BlobServiceClient, type ContainerClient } from "@azure/storage-blob";
import type { Manifest } from "../../src/domain/manifest.ts";
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

/** Turns one bit of one byte of a blob; `at` from 0 (first byte) to 1 (last). */
export async function corruptBlob(storage: string, name: string, at: number): Promise<void> {
  for await (const container of containersOf(storage)) {
    const blob = container.getBlockBlobClient(name);
    if (!(await blob.exists())) continue;
    const content = await blob.downloadToBuffer();
    const index = Math.round(at * (content.length - 1));
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
  const content = await container.getBlobClient(manifestPath).downloadToBuffer();
  const { attempt, archive } = JSON.parse(content.toString("utf8")) as Manifest;
  const folder = manifestPath.slice(0, manifestPath.lastIndexOf("/"));
  return archive.packs.map(({ name }) => `${folder}/packs/${attempt}/${name}`);
}
