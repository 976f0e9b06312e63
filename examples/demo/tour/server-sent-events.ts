/** The fields of one block; it is an event where there is `data`. */
export type Block = Partial<Record<'id' | 'event' | 'data' | 'retry', string>>

/**
 * The blocks of a `text/event-stream` as they come, as far as one-line fields go: our service
 * writes no others.
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
