/** The fields of one block. A block with `data` is an event. */
export type Block = Partial<Record<'id' | 'event' | 'data' | 'retry', string>>

/**
 * Yields the blocks of a `text/event-stream` as they arrive. Supports one-line fields only: the
 * service sends no others.
 */
export async function* serverSentEvents (body: ReadableStream<Uint8Array>): AsyncGenerator<Block> {
  let text = ''
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + chunk).split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      yield Object.fromEntries(
        block.split('\n').map(line => line.split(/: ?(.*)/s).slice(0, 2))
      ) as Block
    }
  }
}
