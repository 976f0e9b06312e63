// A list whose rows are changed in place, each known by a key. Rows come and go only while nobody
// is about to click one; what is held back is announced, and shown when asked for.
import { isHeld, onRelease } from './hold.js'
import { make, setText } from './page.js'
import { t } from './strings.js'

/**
 * `create` makes a row's element of an item, `update` writes an item into it; `keyOf` tells items
 * apart; `news` is the button that shows what was held back.
 */
export function keyedList ({ list, keyOf, create, update, news = null, onChange = () => {} }) {
  let items = []
  const rows = new Map()

  function set (next) {
    items = next
    list.ariaBusy = 'false'
    for (const skeleton of list.querySelectorAll('.skeleton')) skeleton.remove()
    render(isHeld(list))
  }

  /** All that was held back. */
  function show () {
    render(false)
  }

  function render (held) {
    const wanted = new Map(items.map(item => [keyOf(item), item]))
    for (const [key, row] of rows) {
      const item = wanted.get(key)
      row.classList.toggle('leaving', item === undefined)
      if (item !== undefined) update(row, item)
      else if (!held) {
        row.remove()
        rows.delete(key)
      }
    }
    const fresh = items.filter(item => !rows.has(keyOf(item)))
    if (!held) {
      for (const item of fresh) {
        const row = create(item)
        update(row, item)
        rows.set(keyOf(item), row)
      }
      place()
    }
    if (news !== null) {
      const count = held ? fresh.length : 0
      news.hidden = count === 0
      setText(news, t('news', { count }))
    }
    onChange(rows.size)
  }

  /** Moves only what stands elsewhere. */
  function place () {
    let at = list.firstElementChild
    for (const item of items) {
      const row = rows.get(keyOf(item))
      if (row === at) at = at.nextElementSibling
      else list.insertBefore(row, at)
    }
  }

  onRelease(() => {
    if (!isHeld(list)) render(false)
  })
  news?.addEventListener('click', show)
  return {
    set,
    show,
    /** Grey rows while the first answer is on its way. */
    wait (count = 3) {
      if (rows.size > 0) return
      list.ariaBusy = 'true'
      for (let index = list.childElementCount; index < count; index++) list.append(skeleton())
    },
    row: key => rows.get(key),
    get items () {
      return items
    }
  }
}

function skeleton () {
  const row = make('li', 'skeleton')
  row.ariaHidden = 'true'
  return row
}
