import { type BlobRequests, errorCodeOf, statusOf } from "./requests.ts";

/**
 * Removes a blob and its uncommitted blocks. Azure answers 404 to a DELETE of a blob that has only
 * uncommitted blocks and bills them for a week, Azurite deletes it: so a 404 is followed by a look
 * for blocks, which an empty commit turns into a blob that both delete.
 */
export async function deleteBlob(requests: BlobRequests, path: string): Promise<boolean> {
  const blob = requests.client.getBlockBlobClient(path);
  if (await remove(requests, path)) return true;
  if (!(await hasUncommittedBlocks(requests, path))) return false;
  try {
    await requests.send((abortSignal) =>
      blob.commitBlockList([], { abortSignal, conditions: { ifNoneMatch: "*" } }),
    );
  } catch (error) {
    // Somebody else's commit came first, or ours did and its reply was lost.
    if (errorCodeOf(error) !== "BlobAlreadyExists" && statusOf(error) !== 412) throw error;
  }
  await remove(requests, path);
  return true;
}

async function remove(requests: BlobRequests, path: string): Promise<boolean> {
  let attempts = 0;
  try {
    await requests.send((abortSignal, number) => {
      attempts = number;
      return requests.client
        .getBlobClient(path)
        .delete({ abortSignal, deleteSnapshots: "include" });
    });
    return true;
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    // After a lost reply the absence is our own work.
    return attempts > 1;
  }
}

async function hasUncommittedBlocks(requests: BlobRequests, path: string): Promise<boolean> {
  try {
    const blob = requests.client.getBlockBlobClient(path);
    const list = await requests.send((abortSignal) =>
      blob.getBlockList("uncommitted", { abortSignal }),
    );
    return (list.uncommittedBlocks ?? []).length > 0;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}
