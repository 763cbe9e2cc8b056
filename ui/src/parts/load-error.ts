/** A part of the page that loads when it is first needed, and did not come. */
export class LoadError extends Error {
  override readonly name = 'LoadError'
}

/** The file of such a part. Rejects with a {@link LoadError}, whatever the browser calls it. */
export function loaded<T>(file: Promise<T>): Promise<T> {
  return file.catch((cause: unknown) => {
    throw new LoadError('This part of the page could not be loaded.', { cause })
  })
}
