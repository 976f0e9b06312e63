import { setTimeout as sleep } from 'node:timers/promises'
import iconv from 'iconv-lite'
import t, { type Test } from 'tap'
import type { Fault } from '../../examples/integration-service/customers/csv.ts'
import {
  type ImportOptions,
  type ImportRefused,
  importCustomers
} from '../../examples/integration-service/customers/import-customers.ts'
import { formatRejects } from '../../examples/integration-service/customers/rejects.ts'
import type { Store } from '../../examples/integration-service/store/index.ts'
import { onEachStore, openPatientStore, sqliteUrl } from './helper.ts'

/** Yields bytes in chunks that split lines and characters. */
async function* pieces (text: string | Uint8Array): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text as string)
  for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7)
}

async function load (
  store: Store,
  text: string | Uint8Array,
  options: Partial<ImportOptions> = {}
) {
  return await importCustomers(store, {
    open: () => pieces(text),
    region: 'KR',
    now: 5,
    ...options
  })
}

async function open (t: Test, url: string): Promise<Store> {
  const store = await openPatientStore(url)
  t.after(() => store.close())
  return store
}

async function customers (store: Store) {
  return await store.read(db => db.selectFrom('customers').selectAll().orderBy('phone').execute())
}

onEachStore(t, 'a second import updates the customers of the first', async (t, url) => {
  const store = await open(t, url)
  const first =
    '\uFEFFPhone, Name ,id,note\r\n010-1234-5678,홍길동,c-1,"two\nlines, and a ""quote"""\r\n\r\n+47 406 12 345,Åse,,\r\n'
  t.same(await load(store, first), { added: 2, updated: 0 })
  t.match(await customers(store), [
    { id: /^[0-9a-f-]{36}$/, name: 'Åse', phone: '+4740612345', note: null },
    {
      id: 'c-1',
      name: '홍길동',
      phone: '+821012345678',
      email: null,
      note: 'two\nlines, and a "quote"',
      created_at: 5
    }
  ])
  t.same(
    await load(
      store,
      'name;phone;email\nHong Gil-dong;(010)12345678;h@example.com\nBo;0047 406 12 346;\n',
      { delimiter: ';', now: 6 }
    ),
    { added: 1, updated: 1 }
  )
  t.match(await customers(store), [
    { name: 'Åse' },
    { name: 'Bo', email: null, created_at: 6 },
    {
      id: 'c-1',
      name: 'Hong Gil-dong',
      email: 'h@example.com',
      note: 'two\nlines, and a "quote"',
      created_at: 5
    }
  ], 'missing columns and IDs stay unchanged')
})

onEachStore(
  t,
  'an import with a fault changes nothing, and lists every fault by line',
  async (t, url) => {
    const store = await open(t, url)
    await load(store, 'id,name,phone\nc-1,홍길동,01012345678\n')
    const before = await customers(store)
    const good = Array.from({ length: 600 }, (_, index) => `n,0101111${1000 + index}`).join('\n')
    const cases: Record<string, [string | Uint8Array, Array<[number, RegExp]>]> = {
      'bad rows': [
        'name,phone,email,id\n,01012345679,,\nA,,,\nB,nobody,,\nC,01012345679,not an address,\nD,010-1234-5670,,x\nE,+82 10 1234 5670,,\nF,01012345671,,x\nG,01012345672\n' +
        `${'H'.repeat(201)},01012345673,,\n`,
        [
          [2, /name is missing/],
          [3, /phone is missing/],
          [4, /not a telephone number/],
          [5, /email/],
          [7, /phone is the same as in line 6/],
          [8, /id is the same as in line 6/],
          [9, /more or fewer fields/],
          [10, /longer than 200/]
        ]
      ],
      'a fault after the first batch': [`name,phone\n${good}\nB,nobody\n`, [[
        602,
        /not a telephone number/
      ]]],
      'an id of somebody else': [
        `id,name,phone\nc-1,A,01012345679\n${good.replaceAll('n,', ',n,')}\nc-2,B,01012345678`,
        [[2, /id belongs to a customer with another phone/], [
          603,
          /phone belongs to the customer with the id c-1/
        ]]
      ],
      'an open quote': ['name,phone\nA,01012345679\n"B,01012345670\n', [[3, /never closed/]]],
      'a quote inside': ['name,phone\nA "B" C,01012345679\n', [[2, /middle/]]],
      'no heading': ['A,01012345679\n', [[1, /must contain the column name/]]],
      'a heading that is unknown': ['name,phone,fax\n', [[1, /"fax"/]]],
      'a heading twice': ['name,phone,name\n', [[1, /"name"/]]],
      'another encoding': [
        Buffer.concat([Buffer.from('name,phone\n'), Buffer.from([0xb0, 0xa1, 0x2c])]),
        [[1, /not utf-8/]]
      ]
    }
    for (const [name, [text, faults]] of Object.entries(cases)) {
      const error = await load(store, text).catch((error: unknown) => error as ImportRefused)
      t.match(error, {
        name: 'ImportRefused',
        faults: faults.map(([line, reason]) => ({ line, reason }))
      }, name)
      t.equal((error as ImportRefused).faults.length, faults.length, name)
      t.same(await customers(store), before, name)
    }
    const [first, second] = ['name,phone\nA,01012345679\n', 'name,phone\nA,01012345679\nB,nobody\n']
    const texts = [first, second]
    t.match(
      await load(store, '', { open: () => pieces(texts.shift() ?? '') }).catch((error: unknown) =>
        error
      ),
      { faults: [{ line: 3 }] },
      'a file that changes during the import'
    )
    t.same(await customers(store), before)
    t.same(
      await load(
        store,
        Buffer.concat([
          Buffer.from('name,phone\n'),
          Buffer.from([0xb0, 0xa1, 0x2c]),
          Buffer.from('01012345679')
        ]),
        { encoding: 'euc-kr' }
      ),
      { added: 1, updated: 0 }
    )
    t.match(await customers(store), [{}, { name: '가' }])
  }
)

t.test('closes a file that it stops reading', async t => {
  const store = await open(t, sqliteUrl(t))
  let close = (): void => {}
  const closed = new Promise<string>(resolve => {
    close = () => {
      resolve('closed')
    }
  })
  async function* watched (): AsyncGenerator<Uint8Array> {
    try {
      yield* pieces('no,heading\n'.repeat(20_000))
    } finally {
      close()
    }
  }
  t.match(await load(store, '', { open: watched }).catch((error: unknown) => error), {
    faults: [{ reason: /must contain the column name/ }]
  })
  t.equal(await Promise.race([closed, sleep(2000, 'open')]), 'closed')
})

onEachStore(t, 'S14: reads files of Korean Windows, or refuses them', async (t, url) => {
  const store = await open(t, url)
  const fileWithName = (...name: number[]) =>
    Buffer.concat([
      Buffer.from('name,phone\n'),
      Buffer.from(name),
      Buffer.from(',01012345679\n')
    ])
  for (const encoding of ['euc-kr', 'cp949', 'EUC-KR']) {
    await load(store, fileWithName(0xc8, 0xab, 0xb1, 0xe6, 0x8c, 0x63), { encoding })
    t.match(await customers(store), [{ name: '홍길똠' }], encoding)
  }
  // Every syllable, in chunks that split characters.
  const syllables = Array.from({ length: 11_172 }, (_, n) => String.fromCharCode(0xac00 + n))
  const names = Array.from(
    { length: 112 },
    (_, n) => syllables.slice(n * 100, n * 100 + 100).join('')
  )
  const text = `name,phone\n${names.map((name, n) => `${name},0101111${1000 + n}\n`).join('')}`
  await load(store, iconv.encode(text, 'cp949'), { encoding: 'euc-kr' })
  t.same((await customers(store)).slice(0, 112).map(({ name }) => name), names)

  const refused: Array<[encoding: string, bytes: Buffer]> = [
    ['euc-kr', fileWithName(0xc8, 0xff)],
    ['euc-kr', fileWithName(0xc8)],
    ['euc-kr', iconv.encode('name,phone\n홍,01012345679\n', 'utf-16le')],
    ['utf-8', fileWithName(0xb0, 0xa1)],
    ['utf-8', fileWithName(0)],
    ['utf-8', Buffer.from('name,phone\n\u0085,01012345679\n')],
    ['utf-8', iconv.encode('\ufeffname,phone\n', 'utf-16le')],
    ['shift_jis', fileWithName(0x81, 0x00)],
    ['big5', fileWithName(0xff, 0xff)]
  ]
  for (const [encoding, bytes] of refused) {
    t.match(await load(store, bytes, { encoding }).catch((error: unknown) => error), {
      faults: [{ reason: /^the file is not / }]
    }, `${encoding} ${bytes.toString('hex', 11, 16)}`)
  }
  const read: Array<[encoding: string, name: string, as: string]> = [
    ['windows-1252', 'Zoë – €', 'windows-1252'],
    ['iso-8859-1', 'Zoë – €', 'windows-1252'],
    ['shift_jis', '髙橋①', 'cp932'],
    ['utf-16le', '홍길똠', 'utf-16le'],
    ['gb2312', '朱镕基', 'gbk']
  ]
  for (const [encoding, name, as] of read) {
    await load(store, iconv.encode(`name,phone\n${name},01012345679\n`, as), { encoding })
    t.ok((await customers(store)).some(customer => customer.name === name), encoding)
  }
  await t.rejects(load(store, 'x', { encoding: 'klingon' }), RangeError)
})

onEachStore(
  t,
  "S15: reads Excel's additions and the older form of Mexican numbers",
  async (t, url) => {
    const store = await open(t, url)
    const files = [
      'name,phone,note,,\r\nA,010-1234-5679,,,\r\nB,+52 1 55 1234 5678,x,,\r\n,,,,\r\n,,,,\r\n',
      'sep=;\r\nname;phone;note\r\nA;010-1234-5679;\r\nB;005215512345678;x\r\n',
      '\ufeff"sep=\t"\r\nname\tphone\tnote\r\nA\t01012345679\t\r\nB\t+5215512345678\tx\r\n',
      'name,phone,note\nA,01012345679\n'
    ]
    t.same(await load(store, files[0] ?? ''), { added: 2, updated: 0 })
    for (const file of files.slice(1, 3)) t.same(await load(store, file), { added: 0, updated: 2 })
    t.match(await customers(store), [{ phone: '+525512345678' }, { phone: '+821012345679' }])
    t.match(await load(store, files[3] ?? '').catch((error: unknown) => error), {
      faults: [{ line: 2, reason: /more or fewer/ }]
    })
    t.match(
      await load(store, 'sep=;\nname;phone\nA;nobody\n').catch((error: unknown) => error),
      { faults: [{ line: 3 }] },
      'line numbers are those of an editor'
    )
  }
)

onEachStore(t, 'N18: proposes a delimiter, and changes nothing in a dry run', async (t, url) => {
  const store = await open(t, url)
  for (
    const [text, shown] of [
      ['name;phone\nA;01012345679\n', '";"'],
      ['id\tname\tphone\n', 'tab'],
      ['name|phone\n', '"|"']
    ] as const
  ) {
    t.match(await load(store, text).catch((error: unknown) => error), {
      faults: [{ line: 1, reason: new RegExp(`with --delimiter ${shown.replace('|', '\\|')}$`) }]
    })
  }
  const good = 'name,phone\nA,01012345679\nB,01012345670\n'
  t.same(await load(store, good, { dryRun: true }), { added: 2, updated: 0 })
  t.same(await customers(store), [])
})

onEachStore(t, 'N18: sets unusable lines aside with --rejects', async (t, url) => {
  const store = await open(t, url)
  await load(store, 'id,name,phone\nc-1,A,01012345679\n')
  const rejected: Fault[] = []
  const text =
    'id,name,phone\n,B,01012345670\n,C,nobody\nc-2,"D, or ""E""",01012345679\n,F,01012345671\n,F,01012345671\n,"G\n'
  t.same(await load(store, text, { onReject: fault => rejected.push(fault) }), {
    added: 2,
    updated: 0
  })
  t.same(rejected.map(({ line }) => line), [3, 4, 6, 7])
  t.equal((await customers(store)).length, 3)
  const corrected = formatRejects(rejected).replace('nobody', '01012345672')
  const retryFaults: Fault[] = []
  t.same(await load(store, corrected, { onReject: fault => retryFaults.push(fault) }), {
    added: 1,
    updated: 1
  })
  t.match(
    await load(store, 'name\nA\n', { onReject: () => {} }).catch((error: unknown) => error),
    { name: 'ImportRefused' },
    'a file without a heading is refused as a whole'
  )
})
