/** An input for the Java reference. The vendor's test vectors use this name. */
export interface ReferenceInput {
  name: string
  options?: Record<string, unknown>
  input: Record<string, unknown>
  secret?: string
}

export interface VendorInputs {
  /** Used by inputs without a secret of their own. */
  secret: string
  inputs: ReferenceInput[]
}

/** Signs inputs that the schemes refuse by default, for wire compatibility only. */
const loose = { strict: false }
const time = '1660095873001'
const agent = { username: 'agent1', callerId: '+15551234567' }
const member = { service: 'hangame', usercode: 'testusercode', time }
const callback = { timestamp: time, nonce: 'abc123' }
const everyNumber =
  '{"a":1.0,"b":1e3,"c":-0,"d":1197765398201387012,"e":12345678901234567890,"f":0.1E-6,"g":-12.50,"h":0}'

/** The vendors with Java code. qa/strangers compares the others with their packages. */
export const javaVendors = [
  'oracle-csc',
  'contiple',
  'online-contact',
  'itx-chat',
  'huawei-aicc'
] as const

export type JavaVendor = typeof javaVendors[number]

export const inputs: Record<JavaVendor, VendorInputs> = {
  'oracle-csc': {
    secret: 'mySecretKey-of-some-length',
    inputs: [
      { name: 'SHA-256', options: { algorithm: 'sha256' }, input: agent },
      {
        name: 'SHA-256 with a zero dropped',
        options: { algorithm: 'sha256' },
        input: { ...agent, username: 'agent.m' }
      },
      { name: 'SHA-1 with a zero dropped', input: { ...agent, username: 'agent.b' } },
      { name: 'SHA-1 with four zeros dropped', input: { ...agent, username: 'agent.amor' } },
      { name: 'with a call id', input: { ...agent, callId: 'ft-call-42' } },
      {
        name: 'a caller id with punctuation',
        input: { ...agent, callerId: '+1 (555) 123.45-67*#' }
      },
      { name: 'two key bytes cut, enough left', input: { ...agent, username: 'Zoë Åsa K' } },
      {
        name: 'a letter and its mark are two characters',
        input: { ...agent, username: 'Rene\u0301e' }
      },
      {
        name: 'utf8: the whole text is hashed',
        options: { byteLength: 'utf8' },
        input: { ...agent, username: '홍길동' }
      },
      {
        name: 'utf8, SHA-256, with a call id',
        options: { byteLength: 'utf8', algorithm: 'sha256' },
        input: { username: 'Renée', callerId: '5551234567', callId: 'ft-ø' }
      },
      {
        name: 'a pair of surrogates counts two',
        options: loose,
        input: { ...agent, username: '😀agent' }
      },
      {
        name: 'a key cut inside a character',
        options: loose,
        input: { ...agent, username: 'Åke' },
        secret: 'the-key-ends-in-å'
      },
      {
        name: 'no key byte is left',
        options: loose,
        input: { ...agent, username: '홍길동홍길동홍길동' },
        secret: 'short-key'
      },
      {
        name: 'a cut in the caller id',
        options: loose,
        input: { ...agent, username: '홍길동홍길동홍길동홍길동' },
        secret: 'short-key'
      }
    ]
  },
  contiple: {
    secret: 'bf7769e5321448de88838cdb',
    inputs: [
      {
        name: 'text beyond ASCII',
        input: { body: '{"callNum":"+82-10","userName":"홍길동 Åse 😀"}', timestamp: time }
      },
      { name: 'a byte-order mark', input: { body: '\ufeff{"callNum":"1"}', timestamp: time } },
      {
        name: 'blanks and line ends as they are',
        input: { body: '{\r\n\t"callNum" : "1"\r\n}\n', timestamp: time }
      },
      {
        name: 'escapes as they are',
        input: { body: '{"callNum":"\\u0031","nation":"\\/k\\u00f8"}', timestamp: time }
      },
      {
        name: 'numbers and repeats as they are',
        input: {
          body: '{"callNum":"1","n":[1.0,1e3,-0,12345678901234567890],"callNum":"2"}',
          timestamp: time
        }
      },
      { name: 'a raw line separator', input: { body: '{"callNum":"\u2028"}', timestamp: time } },
      { name: 'no body', input: { body: '', timestamp: time } },
      {
        name: 'the largest 64-bit timestamp',
        input: { body: '{}', timestamp: '9223372036854775807' }
      },
      {
        name: 'a timestamp with leading zeros',
        input: { body: '{}', timestamp: '0001660095873001' }
      },
      {
        name: 'the URI too',
        options: { signedContent: 'uri+body' },
        input: { uri: '/contiple/customer?site=a%20b&x', body: '{"callNum":"1"}', timestamp: time }
      },
      {
        name: 'the URI too, without a body',
        options: { signedContent: 'uri+body' },
        input: { uri: '/', body: '', timestamp: time }
      },
      {
        name: 'a key beyond ASCII',
        input: { body: '{}', timestamp: time },
        secret: 'nøkkel-비밀-😀-key'
      },
      {
        name: 'a key longer than a block',
        input: { body: '{}', timestamp: time },
        secret: '0123456789'.repeat(7)
      },
      {
        name: 'a key with blanks around it',
        input: { body: '{}', timestamp: time },
        secret: ' bf7769e5321448de88838cdb\n'
      },
      {
        name: 'a body that runs into the time',
        options: loose,
        input: { body: '1', timestamp: time }
      },
      { name: 'a time that is none', options: loose, input: { body: '{}', timestamp: 'soon' } }
    ]
  },
  'online-contact': {
    secret: '7cf2828608274a49a3f06152b2188927',
    inputs: [
      {
        name: 'a value that stays is not trimmed',
        input: { ...member, username: '  Hong Gil-dong ', memberno: '\u3000M-1' }
      },
      {
        name: 'blank for JavaScript, not for Java',
        input: {
          ...member,
          username: '\u2007',
          email: '\u202f',
          phone: '\ufeff',
          memberno: '\u00a0'
        }
      },
      {
        name: 'blank for Java, not for JavaScript',
        options: loose,
        input: { ...member, username: '\u001c\u001d\u001e\u001f', email: 'a@example.com' }
      },
      {
        name: "every blank of Java's",
        options: loose,
        input: {
          ...member,
          username: '\t\n\u000b\f\r\u001c\u001d\u001e\u001f \u1680',
          email: '\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a',
          phone: '\u2028\u2029\u205f\u3000',
          memberno: '1'
        }
      },
      {
        name: 'invisible, yet not blank',
        options: loose,
        input: {
          ...member,
          username: '\u0085',
          email: '\u200b',
          phone: '\u180e',
          memberno: '\u0000'
        }
      },
      { name: 'blanks between make a value', input: { ...member, username: ' \u3000x' } },
      { name: 'only a username', input: { ...member, username: 'x' } },
      { name: 'only an email: the same token', input: { ...member, email: 'x' } },
      {
        name: 'empty is left out',
        input: { ...member, username: '', email: '', phone: '0', memberno: '' }
      },
      {
        name: 'a return URL with a query',
        input: { ...member, returnUrl: 'https://example.com/hc/?q=%20&r=é' }
      },
      { name: 'a blank return URL', input: { ...member, username: 'x', returnUrl: ' ' } },
      {
        name: 'an ampersand in a value',
        options: { ampersand: 'allow' },
        input: { ...member, username: 'a&b', email: 'c' }
      },
      {
        name: 'an ampersand moved',
        options: { ampersand: 'allow' },
        input: { ...member, username: 'a', email: 'b&c' }
      },
      { name: 'characters of four bytes', input: { ...member, username: '😀𝒽' } },
      { name: 'a time beyond a double', input: { ...member, time: '9007199254740993' } },
      { name: 'the time as a number', input: { ...member, time: 1660095873001 } },
      { name: 'a key beyond ASCII', input: member, secret: 'nøkkel-비밀-😀-key' },
      {
        name: 'a time with leading zeros',
        options: loose,
        input: { ...member, time: '0001660095873001' }
      },
      {
        name: 'a longer value than the field takes',
        options: loose,
        input: { ...member, phone: '0'.repeat(21) }
      }
    ]
  },
  'itx-chat': {
    secret: 'nawe21ASme2nasdzZcasxXA31nAQCXZha2m',
    inputs: [
      { name: 'no data', input: {} },
      { name: 'an empty map', input: { verifiedData: {} } },
      { name: 'numbers keep their text', input: { verifiedData: everyNumber } },
      {
        name: 'nested numbers keep their text',
        input: { verifiedData: `{"numbers":${everyNumber},"list":[1.0,1e3,-0]}` }
      },
      {
        name: 'integer-like names keep their place',
        input: { verifiedData: '{"map":{"10":"a","9":"b","x":"c","1":"d"},"2":"e","10":"f"}' }
      },
      {
        name: '__proto__ is a name like any other',
        input: { verifiedData: '{"__proto__":"a","map":{"__proto__":{"b":1}},"constructor":null}' }
      },
      {
        name: 'a repeated name: last value, first place',
        input: { verifiedData: '{"a":"1","map":{"x":1,"y":2,"x":3},"a":"2"}' }
      },
      {
        name: 'line separators are escaped in nested text alone',
        input: {
          verifiedData: { plain: 'a\u2028b\u2029c', nested: ['a\u2028b\u2029c', { '\u2028': 1 }] }
        }
      },
      {
        name: 'escapes of nested text',
        input: {
          verifiedData: {
            plain: '"\\/<>&\'\n\u0001',
            nested: ['"\\/<>&\'=', '\b\f\n\r\t\u0000\u0001\u001f\u007f', 'Åse 😀']
          }
        }
      },
      {
        name: 'blanks and escapes of the wire',
        input: {
          verifiedData: ' { "a" : [ 1 , { "b" : "\\u00c5\\/\\ud83d\\ude00" } ] ,\n"c":"\\u0041" } '
        }
      },
      {
        name: 'empty things',
        input: {
          verifiedData: {
            '': '',
            text: '',
            map: {},
            list: [],
            nil: null,
            nils: [null, { nil: null }]
          }
        }
      },
      {
        name: 'entries are sorted, not names',
        input: { verifiedData: { a: 'x', 'a!': 'x', ab: 'x', A: 'x', _: 'x', ä: 'x' } }
      },
      {
        name: 'sorted by code unit, not by code point',
        input: { verifiedData: { '\uff01': 'x', '😀': 'x' } }
      },
      {
        name: 'the secret is sorted among the entries',
        input: { verifiedData: { z: 'last' }, name: '0 first' }
      },
      {
        name: 'all root values',
        input: {
          verifiedData: { name: 'John Doe' },
          name: 'Jane',
          tag: 'vip',
          email: 'jane@example.com',
          phoneNumber: '+4712345678',
          extSystemTag: 'SYSTEM X',
          extSystemId: '12345',
          extSystemLookupCode: 'code/1'
        }
      },
      {
        name: 'an empty root value is left out, a blank one stays',
        input: { name: '', tag: ' ', email: '\u3000', phoneNumber: '' }
      },
      { name: 'two values of one name', input: { verifiedData: { name: 'John' }, name: 'John' } },
      {
        name: 'swapped root values have one hash',
        input: { extSystemId: 'b', extSystemLookupCode: 'a' }
      },
      { name: 'unescaped borders', options: loose, input: { verifiedData: { 'a:b': 'c-d:e' } } }
    ]
  },
  'huawei-aicc': {
    secret: '0123456789abcdef',
    inputs: [
      {
        name: 'a release',
        input: {
          ...callback,
          params: {
            talkDuration: '12',
            serviceNo: '',
            called: '88880067',
            callSerialNo: '1197765398201387012',
            caller: '1001',
            callData: 'order 42',
            releaseTime: '2022/02/22,10:04:29:004',
            releaseReason: '1'
          }
        }
      },
      {
        name: 'sorted by code unit',
        input: {
          ...callback,
          params: {
            called: '1',
            callSerialNo: '2',
            callData: '3',
            Called: '4',
            _: '5',
            '\uff01': '6',
            '😀': '7'
          }
        }
      },
      {
        name: 'spaces go, other blanks stay',
        input: { ...callback, params: { 'a b': ' c  d ', ab: '\u00a0\t\u3000', ' c': ' ' } }
      },
      {
        name: 'sorted before the spaces go',
        input: { ...callback, params: { 'b a': '1', ba: '2', 'b  a': '3', ' z': '4' } }
      },
      {
        name: 'spaces of the secret and the nonce stay',
        input: { ...callback, nonce: ' n 1 ', params: { a: ' ' } },
        secret: ' a secret with spaces '
      },
      {
        name: 'nested values print as Java prints them',
        input: {
          ...callback,
          params:
            '{"m":{"z":1,"a":[true,false,null,"x y",{}],"":""},"l":[],"e":{},"n":null,"t":true}'
        }
      },
      { name: 'numbers keep their text', input: { ...callback, params: everyNumber } },
      {
        name: 'numbers as the JVM has them',
        options: { numbers: 'java' },
        input: { ...callback, params: everyNumber }
      },
      {
        name: 'nested numbers as the JVM has them',
        options: { numbers: 'java' },
        input: { ...callback, params: '{"l":[1.0,{"x":1e3,"s":"1.0"},2],"m":{"y":1e2}}' }
      },
      {
        name: 'both ends of 64 bits',
        options: { numbers: 'java' },
        input: {
          ...callback,
          params:
            '{"a":9223372036854775807,"b":9223372036854775808,"c":-9223372036854775808,"d":-9223372036854775809}'
        }
      },
      {
        name: 'where Java turns to an exponent',
        options: { numbers: 'java' },
        input: {
          ...callback,
          params:
            '{"a":0.001,"b":0.0001,"c":9999999.0,"d":10000000.0,"e":123456.789,"f":-0.0,"g":1e400,"h":5e-324}'
        }
      },
      {
        name: 'the parts of the signature are left out',
        input: {
          ...callback,
          params: { timestamp: '1', nonce: '2', signature: '3', Nonce: '4', nested: { nonce: '5' } }
        }
      },
      {
        name: 'a repeated name: the last value',
        input: { ...callback, params: '{"a":"1","b":"2","a":"3"}' }
      },
      {
        name: '__proto__ is a name like any other',
        input: { ...callback, params: '{"__proto__":"a","constructor":{"__proto__":[1]}}' }
      },
      { name: 'null and its text', input: { ...callback, params: { a: null, b: 'null' } } },
      { name: 'a value that looks like two', input: { ...callback, params: { a: '1,b=2' } } },
      {
        name: 'integer-like names',
        input: { ...callback, params: '{"10":"a","9":"b","m":{"10":"c","9":"d"}}' }
      },
      {
        name: 'text beyond ASCII',
        input: { ...callback, params: { 이름: '홍길동', café: '😀' } },
        secret: 'nøkkel-비밀-😀-key'
      },
      {
        name: 'the largest 64-bit timestamp',
        input: { ...callback, timestamp: '9223372036854775807', params: {} }
      },
      {
        name: 'the timestamp as a number',
        input: { ...callback, timestamp: 1660095873001, params: { a: '1' } }
      }
    ]
  }
}
