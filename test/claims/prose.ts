import type { Repository } from './repository.ts'

/** A page is read in five minutes, and a sentence once. */
export const LONGEST = { sentence: 30, page: 1200 }

/** Looked up, not read: pages of tables and figures. */
const LOOKED_UP = /^(?:CHANGELOG|docs\/reference\/|docs\/internals\/benchmarks)/

/** No sentence takes more than a breath, and no page more than five minutes. */
export function pagesAreShort ({ files, read }: Repository): string[] {
  return files('*.md', 'docs/**/*.md', 'examples/**/*.md', 'qa/*.md')
    .filter(path => !path.includes('node_modules/'))
    .flatMap(path => {
      const sentences = sentencesOf(read(path))
      const words = sentences.reduce((sum, sentence) => sum + wordsIn(sentence), 0)
      return [
        ...sentences.filter(sentence => wordsIn(sentence) > LONGEST.sentence).map(sentence =>
          `${path}: ${wordsIn(sentence)} words in one sentence: ${sentence}`
        ),
        ...words > LONGEST.page && !LOOKED_UP.test(path) ? [`${path}: ${words} words`] : []
      ]
    })
}

/**
 * The sentences of a page's prose. A heading or a list item ends a sentence like a full stop.
 * Code blocks, tables, markup and addresses are not prose; inline code counts as one word.
 */
export function sentencesOf (page: string): string[] {
  const prose = page
    .replace(/^---\n[\s\S]*?\n---\n/, '')
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/^ *(```+)[\s\S]*?^ *\1 *$/gm, '\n')
    .replace(/^ *\|.*$/gm, '\n')
    .replace(/``?[^`\n]+``?/g, 'code')
    .replace(/<[^>\n]+>/g, ' ')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/https?:\/\/\S+/g, 'address')
    .replace(/^ *#+ (.*)$/gm, '\n\n$1\n\n')
    .replace(/^ *(?:[-*>]|\d+\.) /gm, '\n\n')
  return prose.split(/\n\s*\n/)
    .flatMap(paragraph =>
      paragraph.replace(/\s+/g, ' ').split(/(?<=[.!?]["')*]*) (?=["'(*]*\p{Lu}|["'(*]*code\b|\d)/u)
    )
    .map(sentence => sentence.trim()).filter(sentence => sentence !== '')
}

function wordsIn (sentence: string): number {
  return sentence.split(' ').filter(word => /[\p{L}\p{N}]/u.test(word)).length
}
