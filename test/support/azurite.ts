import { type Azurite, type AzuriteOptions, startAzurite } from "../../scripts/azurite.ts";

export { startAzurite };

/** Runs `use` with a fresh Azurite and stops it, whatever happens. */
export async function withAzurite<T>(
  use: (azurite: Azurite) => Promise<T>,
  options: AzuriteOptions = {},
): Promise<T> {
  const azurite = await startAzurite(options);
  try {
    return await use(azurite);
  } finally {
    await azurite.stop();
  }
}
