import t from 'tap'
import {
  findConfiguration,
  parseWebsite
} from '../../examples/simulators/itx-chat/configurations.ts'
import { isOpen, parseOpeningHours } from '../../examples/simulators/itx-chat/opening-hours.ts'
import { itxChatSimulator } from '../../examples/simulators/itx-chat/app.ts'

/** A Monday. */
const monday = (time: string): number => Date.parse(`2024-01-01T${time}:00Z`)
const day = 24 * 60 * 60 * 1000

t.test('picks the most specific URL postfix that is open', async t => {
  const website = parseWebsite({
    configurations:
      'Shop, /, always, blue; Help, /help, Mo-Fr 08:00-16:00\nNight, /help, 16:00-08:00, green;Orders, /help/orders, always',
    designs: 'blue, #0b57a4, Ask us; green, #0a6b2d,',
    timeZone: 'UTC'
  })
  const chosen = (path: string, at = monday('10:00')): string | undefined =>
    findConfiguration(new URL(path, 'https://shop.example'), website, at)?.name
  t.equal(chosen('/'), 'Shop')
  t.equal(chosen('/help'), 'Help')
  t.equal(chosen('/help?a=1#x'), 'Help')
  t.equal(chosen('/help/a'), 'Help')
  t.equal(chosen('/helpers'), 'Shop', 'whole parts of the path')
  t.equal(chosen('/help/orders/7'), 'Orders', 'the most specific')
  t.equal(chosen('/help', monday('16:00')), 'Night')
  t.equal(chosen('/help', monday('07:59')), 'Night', 'hours past midnight')
  t.equal(chosen('/help', monday('10:00') + 5 * day), 'Shop', 'on a Saturday')
  t.match(findConfiguration(new URL('https://shop.example/help/a'), website, monday('20:00')), {
    name: 'Night',
    design: { color: '#0a6b2d', title: 'Chat' }
  })
  t.equal(
    findConfiguration(
      new URL('https://shop.example/'),
      parseWebsite({ configurations: 'Help, /help, always', designs: '', timeZone: 'UTC' }),
      0
    ),
    undefined
  )
})

t.test('reads opening hours in their time zone', async t => {
  const office = parseOpeningHours('Mo-Fr 08:00-16:00')
  t.ok(isOpen(office, monday('08:00'), 'UTC'))
  t.notOk(isOpen(office, monday('16:00'), 'UTC'))
  t.notOk(isOpen(office, monday('08:00'), 'Asia/Seoul'), '17:00 in Seoul')
  const weekend = parseOpeningHours('Sa-Su 22:00-02:00')
  t.ok(isOpen(weekend, monday('01:00'), 'UTC'), 'hours that start on Sunday')
  t.notOk(isOpen(weekend, monday('22:00'), 'UTC'))
  t.ok(isOpen(parseOpeningHours('Mo 00:00-24:00'), monday('23:59'), 'UTC'))
  for (const text of ['', 'sometimes', '8-16', 'Xx 08:00-16:00', '08:61-16:00', '25:00-26:00']) {
    t.throws(() => parseOpeningHours(text), TypeError, text)
  }
})

t.test('refuses an invalid website, and changes nothing', async t => {
  const app = await itxChatSimulator({})
  t.after(() => app.close())
  const invalid: Array<[Record<string, string>, RegExp]> = [
    [{ configurations: 'Help, help, always' }, /must begin with \//],
    [{ configurations: 'Help, /help, always, pink' }, /has an unknown design: pink/],
    [{ designs: 'standard, blue' }, /needs a colour/],
    [{ timeZone: 'Mars/Base' }, /time zone/i]
  ]
  for (const [payload, message] of invalid) {
    t.match((await app.inject({ method: 'POST', url: '/lab/settings', payload })).json(), {
      statusCode: 400,
      message
    })
  }
  t.match((await app.inject('/lab/settings')).json(), {
    configurations: 'Every page, /, always, standard',
    timeZone: 'UTC'
  })
})

t.test('a page without a configuration has no chat; one without verification has no badge', async t => {
  const app = await itxChatSimulator({ configurations: 'Help, /help, always' })
  t.after(() => app.close())
  const open = async (page: string) =>
    await app.inject({
      method: 'POST',
      url: `/session?url=${encodeURIComponent(page)}`,
      payload: {}
    })
  t.equal((await open('https://shop.example/')).statusCode, 404)
  t.equal((await open('no address')).statusCode, 404)
  t.match((await open('https://shop.example/help')).json(), {
    verified: false,
    look: { configuration: 'Help', title: 'Chat' }
  })
  await app.inject({ method: 'POST', url: '/lab/settings', payload: { verification: 'off' } })
  await open('https://shop.example/help')
  t.match((await app.inject('/lab/chats')).json(), [{ checked: true, configuration: 'Help' }, {
    checked: false,
    verified: false
  }])
  t.match((await app.inject('/agent')).body, /not checked: hash verification is off/)
  t.match((await app.inject('/lab?page=https://shop.example/')).body, /this page has no open chat/)
})
