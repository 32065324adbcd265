/** Absolute URLs that clients follow, built from the URL that they used themselves. */
export interface Links {
  /** Path of this request as sent, without host and query. */
  readonly path: string;
  readonly apiVersion: string;
  /** URL of `path`, not encoded yet, with the api-version of this request. */
  to(path: string): string;
  /** This request's URL, continued at `skipToken`. */
  nextPage(skipToken: string): string;
}

export function createLinks(
  url: URL,
  apiVersion: string,
  publicBaseUrl: string | undefined,
): Links {
  const base = (publicBaseUrl ?? url.origin).replace(/\/+$/, "");
  return {
    path: url.pathname,
    apiVersion,
    to: (path) => `${base}${encodeURI(path)}?api-version=${encodeURIComponent(apiVersion)}`,
    nextPage(skipToken) {
      const query = new URLSearchParams(
        [...url.searchParams].filter(([name]) => name.toLowerCase() !== "$skiptoken"),
      );
      query.set("$skipToken", skipToken);
      return `${base}${url.pathname}?${query.toString()}`;
    },
  };
}
