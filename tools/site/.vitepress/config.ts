// The site of README and docs/, from the same Markdown that repositories show:
//   npm run docs       builds tools/site/dist; a dead link fails the build
//   npm run docs:dev   serves it with live reload
import { copyFileSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, posix, resolve } from 'node:path'
import { globSync } from 'tinyglobby'
import { defineConfig } from 'vitepress'

const root = resolve(import.meta.dirname, '../../..')
const site = resolve(import.meta.dirname, '..')

/** Linked files that are not pages, such as examples. The site serves them as text. */
const sources = new Set<string>()

export default defineConfig({
  title: 'fastify-contact-center',
  description: 'Fastify plugins for the signed interfaces of contact-centre vendors',
  srcDir: root,
  outDir: join(site, 'dist'),
  cacheDir: join(site, 'node_modules/.cache/vitepress'),
  srcExclude: ['data/**', 'coverage/**', '**/dist/**', '.*/**'],
  rewrites: { 'README.md': 'index.md' },
  metaChunk: true,
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'First route', link: '/docs/start/first-route' },
      { text: 'Service', link: '/docs/service/service' },
      { text: 'Changes', link: '/CHANGELOG' }
    ],
    sidebar: [
      group('Start', 'docs/start', ['first-route', 'first-run', 'why-does-it-not-match']),
      group('Vendors', 'docs/vendors'),
      group('Guides', 'docs/guides', ['production', 'rotating-keys', 'several-accounts']),
      group('Reference', 'docs/reference'),
      group('Integration service', 'docs/service', ['service', 'deploying', 'operating']),
      group('Internals', 'docs/internals', ['architecture']),
      {
        text: 'Project',
        collapsed: true,
        items: ['CONTRIBUTING', 'SECURITY', 'CHANGELOG', 'qa/README'].map(page => item(page))
      }
    ]
  },
  markdown: {
    // The tests read `console` blocks; the highlighter calls the language `shellsession`.
    languageAlias: { console: 'shellsession' },
    config (md) {
      // Query plans contain text such as <expr>, which Vue would parse as an element.
      const inline = md.renderer.rules['html_inline']
      md.renderer.rules['html_inline'] = (tokens, at, options, env, self) => {
        const html = tokens[at]?.content ?? ''
        return /^<\/?(?:picture|source|img|br)\b/.test(html)
          ? inline?.(tokens, at, options, env, self) ?? html
          : md.utils.escapeHtml(html)
      }
      const open = md.renderer.rules['link_open']
      md.renderer.rules['link_open'] = (tokens, at, options, env, self) => {
        const token = tokens[at]
        const href = token?.attrGet('href') ?? ''
        if (token !== undefined && !/^(?:[a-z]+:|#)/.test(href)) {
          token.attrSet('href', onSite(href, env.relativePath as string, token))
        }
        return open?.(tokens, at, options, env, self) ?? self.renderToken(tokens, at, options)
      }
    }
  },
  // A page without sections needs no outline and leaves the space to its tables.
  transformPageData ({ relativePath, frontmatter }) {
    const path = relativePath === 'index.md' ? 'README.md' : relativePath
    if (!/^## /m.test(readFileSync(join(root, path), 'utf8'))) frontmatter['aside'] = false
  },
  buildEnd () {
    for (const path of sources) {
      const to = join(site, 'dist', textOf(path))
      mkdirSync(dirname(to), { recursive: true })
      copyFileSync(join(root, path), to)
    }
  }
})

/** The URL on the site for a link in a page. */
function onSite (
  href: string,
  page: string,
  link: { attrSet(name: string, value: string): void }
): string {
  const [path = '', anchor] = href.split('#')
  const from = page === 'index.md' ? '' : dirname(page)
  const target = posix.join(from, path)
  if (target === 'README.md') return `/${anchor === undefined ? '' : `#${anchor}`}`
  if (path === '' || target.endsWith('.md')) return href
  if (!statSync(join(root, target)).isFile()) throw new Error(`${page} links to the folder ${path}`)
  sources.add(target)
  link.attrSet('target', '_blank')
  return `/${textOf(target)}`
}

/** Browsers display .txt files, and download or misinterpret other extensions. */
function textOf (path: string): string {
  return /\.(?:svg|txt)$/.test(path) ? `source/${path}` : `source/${path.replace(/^\./, '')}.txt`
}

/** A folder of pages: the given ones first, then the rest. */
function group (text: string, folder: string, first: string[] = []) {
  const pages = globSync('*.md', { cwd: join(root, folder) }).map(name => name.slice(0, -3)).sort()
  const ordered = [...first, ...pages.filter(page => !first.includes(page))]
  return { text, collapsed: false, items: ordered.map(page => item(`${folder}/${page}`)) }
}

/** A page with its own title. */
function item (page: string) {
  const [, text = page] = /^# (.*)$/m.exec(readFileSync(join(root, `${page}.md`), 'utf8')) ?? []
  return { text, link: `/${page}` }
}
