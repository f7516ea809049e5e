/** Small federations, one for each thing that subgraphs can do to each other. */
import type { Sdls } from './world';

export const SHAPES: Readonly<Record<string, Sdls>> = {
  'keys: several, nested, not resolvable': {
    rooms: `
      type Query { rooms: [Room!]! room(number: Int): Room }
      type Room @key(fields: "id") @key(fields: "door { code }") { id: ID! door: Door! seats: Int }
      type Door @shareable { code: ID! color: String }`,
    lessons: `
      type Query { lessons(limit: Int = 3): [Lesson] }
      type Lesson @key(fields: "id room { id }") { id: ID! room: Room! title: String topics: [String!]! }
      type Room @key(fields: "id", resolvable: false) { id: ID! }`,
    keys: `
      type Room @key(fields: "door { code }") { door: Door! keyholder: Person }
      type Door @shareable { code: ID! color: String }
      type Person @key(fields: "id") @key(fields: "badge") { id: ID! badge: ID! name: String! }
      type Lesson @key(fields: "id room { id }") { id: ID! room: LessonRoom! @external teacher: Person! }`
      .replace('LessonRoom', 'Room')
      .replace('{ door: Door! keyholder', '{ id: ID! @external door: Door! keyholder'),
    people: `
      type Query { people: [Person] }
      type Person @key(fields: "badge") { badge: ID! mail: String mentor: Person friends: [[Person!]]! }`,
  },
  'requires: plain, nested, with arguments, of a list, one upon another': {
    goods: `
      enum Unit { GRAM OUNCE }
      type Query { goods: [Good!] good: Good }
      type Good @key(fields: "id") { id: ID! weight(unit: Unit! = GRAM): Int! size: Size tags: [Tag!]! maker: Maker }
      type Size { width: Int height: Int }
      type Tag { word: String rank: Int }
      type Maker @key(fields: "id") { id: ID! town: String }`,
    mail: `
      enum Unit { GRAM OUNCE }
      type Good @key(fields: "id") {
        id: ID!
        weight(unit: Unit! = GRAM): Int! @external
        size: Size @external
        tags: [Tag!]! @external
        postage(express: Boolean = false): Int @requires(fields: "weight(unit: OUNCE)")
        parcel: String! @requires(fields: "size { width height }")
        label: String @requires(fields: "tags { word rank }")
      }
      type Size @external { width: Int height: Int }
      type Tag @external { word: String rank: Int }`,
    tax: `
      type Good @key(fields: "id") {
        id: ID!
        postage(express: Boolean = false): Int @external
        maker: Maker @external
        duty: Float @requires(fields: "postage(express: true)")
        origin: String @requires(fields: "maker { town }")
        partners: [Good]
      }
      type Maker @key(fields: "id") { id: ID! town: String @external }`,
  },
  'requires: one field with several arguments, plain and nested, of several types and subgraphs': {
    goods: `
      enum Unit { GRAM OUNCE }
      type Query { goods: [Good!] good: Good things: [Thing!] }
      union Thing = Good | Bundle
      type Good @key(fields: "id") { id: ID! weight(unit: Unit! = GRAM): Int price(in: String!): Float maker: Maker }
      type Bundle @key(fields: "id") { id: ID! price(in: String!): Float goods: [Good!] }
      type Maker @key(fields: "id") { id: ID! town(in: String!): String }`,
    mail: `
      enum Unit { GRAM OUNCE }
      type Good @key(fields: "id") {
        id: ID!
        weight(unit: Unit! = GRAM): Int @external
        price(in: String!): Float @external
        maker: Maker @external
        postage(express: Boolean = false): Int @requires(fields: "weight(unit: OUNCE)")
        stamps: Int @requires(fields: "weight(unit: GRAM)")
        customs: String! @requires(fields: "price(in: \\"EUR\\") maker { town(in: \\"fr\\") }")
        label(size: Int): String @requires(fields: "weight(unit: GRAM) maker { town(in: \\"de\\") }")
      }
      type Bundle @key(fields: "id") {
        id: ID!
        price(in: String!): Float @external
        fee: Int @requires(fields: "price(in: \\"USD\\")")
        stamps: Int @requires(fields: "price(in: \\"EUR\\")")
      }
      type Maker @key(fields: "id") { id: ID! town(in: String!): String @external }`,
    tax: `
      type Query { taxed: [Good] }
      type Good @key(fields: "id") {
        id: ID!
        postage(express: Boolean = false): Int @external
        price(in: String!): Float @external
        duty: Float @requires(fields: "price(in: \\"USD\\") postage(express: true)")
        refund: Float @requires(fields: "postage(express: false)")
        levy: Float! @requires(fields: "price(in: \\"EUR\\")")
      }`,
  },
  'interface objects and keyed interfaces': {
    papers: `
      type Query { papers: [Paper!]! newest: Paper }
      interface Paper @key(fields: "id") { id: ID! title: String author: Author }
      type Letter implements Paper @key(fields: "id") { id: ID! title: String author: Author stamp: String }
      type Report implements Paper @key(fields: "id") { id: ID! title: String author: Author pages: Int! }
      type Author @key(fields: "id") { id: ID! name: String }`,
    views: `
      type Query { popular: [Paper] best: Paper! }
      type Paper @key(fields: "id") @interfaceObject { id: ID! views: Int! seenBy: [Author!] }
      type Author @key(fields: "id") { id: ID! favourite: Paper wrote: [Paper!]! }`,
    shelves: `
      type Query { shelf: Shelf }
      type Shelf { label: String first: Paper all: [Paper] }
      type Paper @key(fields: "id") @interfaceObject { id: ID! place: String next: Paper }`,
  },
  'an interface object that requires': {
    papers: `
      type Query { papers: [Paper!]! newest: Paper }
      interface Paper @key(fields: "id") { id: ID! title: String }
      type Letter implements Paper @key(fields: "id") { id: ID! title: String stamp: String }
      type Report implements Paper @key(fields: "id") { id: ID! title: String pages: Int! }`,
    headlines: `
      type Paper @key(fields: "id") @interfaceObject {
        id: ID!
        title: String @external
        headline: String @requires(fields: "title")
      }`,
  },
  'unions and interfaces of several subgraphs, fields that clash': {
    zoo: `
      type Query { animals: [Animal] owner: Owner beings: [Being!] }
      interface Animal { id: ID! name: String }
      interface Pet implements Animal { id: ID! name: String owner: Owner }
      type Dog implements Animal & Pet @key(fields: "id") { id: ID! name: String owner: Owner sound: String! age: Int }
      type Cat implements Animal & Pet @key(fields: "id") { id: ID! name: String owner: Owner sound: Int age: String }
      type Fish implements Animal @key(fields: "id") { id: ID! name: String age: [Int] }
      type Owner @key(fields: "id") { id: ID! pets: [Pet!]! home: Home }
      union Being = Dog | Owner | Home
      type Home @shareable { street: String rooms: Int }`,
    vet: `
      type Query { patients: [Patient] }
      union Patient = Dog | Cat
      type Dog @key(fields: "id") { id: ID! visits: [Visit!] weight: Int }
      type Cat @key(fields: "id") { id: ID! visits: [Visit!] weight: Float }
      type Fish @key(fields: "id") { id: ID! tank: Home }
      type Visit { on: String! paidBy: Owner with: Patient }
      type Owner @key(fields: "id") { id: ID! debt: Float }
      type Home @shareable { street: String rooms: Int }`,
  },
  'shared root fields, shared value types, override, inaccessible': {
    first: `
      type Query { me: User @shareable users: [User!] @shareable settings: Settings @shareable }
      type User @key(fields: "id") { id: ID! nick: String score: Int }
      type Settings @shareable { theme: String size: Int secret: String @inaccessible }`,
    second: `
      type Query { me: User @shareable settings: Settings @shareable kinds: [Kind!] }
      type User @key(fields: "id") { id: ID! score: Int @override(from: "first") kind: Kind }
      type Settings @shareable { theme: String size: Int secret: String @inaccessible }
      enum Kind { PUPIL STAFF }`,
    third: `
      type Query { me: User @shareable users: [User!] @shareable count: Int! find(by: Search, kind: Kind = STAFF): [User] }
      type User @key(fields: "id") { id: ID! since: String boss: User }
      input Search { nick: String since: String = "now" kinds: [Kind!] }
      enum Kind { PUPIL STAFF }`,
  },
  'provides, on entities, interfaces and unions': {
    shop: `
      type Query {
        orders: [Order!] @provides(fields: "item { title }")
        last: Order
        shown: [Shown] @provides(fields: "... on Item { title }")
      }
      type Order @key(fields: "id") { id: ID! item: Item @provides(fields: "title vendor { name }") amount: Int }
      type Item @key(fields: "id") { id: ID! title: String @external vendor: Vendor @external }
      type Vendor @key(fields: "id") { id: ID! name: String @external }
      union Shown = Item | Order`,
    store: `
      type Query { items: [Item] }
      type Item @key(fields: "id") { id: ID! title: String @shareable vendor: Vendor @shareable price: Price! }
      type Price { cents: Int! currency: String }
      type Vendor @key(fields: "id") { id: ID! name: String @shareable items: [Item!] }`,
  },
  'mutations of several subgraphs': {
    writing: `
      type Query { note: Note }
      type Mutation { write(text: String = "x"): Note erase: Boolean! copy(times: Int!): [Note!] }
      type Note @key(fields: "id") { id: ID! text: String }`,
    filing: `
      type Query { folders: [Folder!]! }
      type Mutation { file(in: ID): Folder tidy: Folder! }
      type Folder @key(fields: "id") { id: ID! notes: [Note!] }
      type Note @key(fields: "id") { id: ID! folder: Folder filed: Int! }`,
  },
};
