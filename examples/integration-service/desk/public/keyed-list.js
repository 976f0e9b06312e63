// A list whose rows are updated in place, each identified by a key. Rows are added or removed only
// while the user is not about to click one; held-back rows are announced, and shown on request.
import { isHeld, onRelease } from './hold.js'
import { make, setText } from './page.js'
import { t } from './strings.js'

/**
 * `create` makes a row's element for an item, `update` writes an item into it; `keyOf` identifies
 * items; `news` is the button that shows held-back rows.
 */
export function createKeyedList (
  { list, keyOf, create, update, news = null, onChange = () => {} }
) {
  let items = []
  const rows = new Map()

  function set (next) {
    items = next
    list.ariaBusy = 'false'
    for (const skeleton of list.querySelectorAll('.skeleton')) skeleton.remove()
    render(isHeld(list))
  }

  /** Shows all held-back rows. */
  function show () {
    render(false)
  }

  function render (holdRows) {
    const itemsByKey = new Map(items.map(item => [keyOf(item), item]))
    for (const [key, row] of rows) {
      const item = itemsByKey.get(key)
      row.classList.toggle('leaving', item === undefined)
      if (item !== undefined) update(row, item)
      else if (!holdRows) {
        row.remove()
        rows.delete(key)
      }
    }
    const newItems = items.filter(item => !rows.has(keyOf(item)))
    if (!holdRows) {
      for (const item of newItems) {
        const row = create(item)
        update(row, item)
        rows.set(keyOf(item), row)
      }
      placeRows()
    }
    if (news !== null) {
      const count = holdRows ? newItems.length : 0
      news.hidden = count === 0
      setText(news, t('news', { count }))
    }
    onChange(rows.size)
  }

  /** Moves only rows that are out of place. */
  function placeRows () {
    let position = list.firstElementChild
    for (const item of items) {
      const row = rows.get(keyOf(item))
      if (row === position) position = position.nextElementSibling
      else list.insertBefore(row, position)
    }
  }

  onRelease(() => {
    if (!isHeld(list)) render(false)
  })
  news?.addEventListener('click', show)
  return {
    set,
    show,
    /** Shows grey rows until the first answer arrives. */
    wait (count = 3) {
      if (rows.size > 0) return
      list.ariaBusy = 'true'
      onChange(count)
      for (let index = list.childElementCount; index < count; index++) list.append(createSkeleton())
    },
    row: key => rows.get(key),
    get items () {
      return items
    }
  }
}

function createSkeleton () {
  const row = make('li', 'skeleton')
  row.ariaHidden = 'true'
  return row
}
