// A table on a page, as data. One template shows all of them.

struct Sheet {
  struct Column {
    let title: String
    let isNumber: Bool
  }

  struct Cell {
    let text: String
    let isNumber: Bool
    let link: Link?
    let pill: Pill?

    static func text(_ text: String) -> Cell { Cell(text: text, isNumber: false, link: nil, pill: nil) }
    static func number(_ text: String) -> Cell { Cell(text: text, isNumber: true, link: nil, pill: nil) }
    static func pill(_ pill: Pill) -> Cell { Cell(text: "", isNumber: false, link: nil, pill: pill) }
    static func link(_ text: String, to href: String) -> Cell {
      Cell(text: "", isNumber: false, link: Link(label: text, href: href), pill: nil)
    }
  }

  struct Link {
    let label: String
    let href: String
  }

  struct Row {
    let cells: [Cell]
  }

  let caption: String
  let columns: [Column]
  let rows: [Row]
  let sums: [Row]
  /// Said where there are no rows: what to do to have some.
  let nothing: String
  let hasRows: Bool

  /// - Parameter columns: titles; those that start with `#` are of numbers.
  init(_ caption: String, _ columns: [String], _ rows: [[Cell]], sum: [Cell] = [], nothing: String) {
    self.caption = caption
    self.columns = columns.map { Column(title: String($0.drop { $0 == "#" }), isNumber: $0.hasPrefix("#")) }
    self.rows = rows.map(Row.init)
    sums = sum.isEmpty ? [] : [Row(cells: sum)]
    self.nothing = nothing
    hasRows = !rows.isEmpty
  }
}

/// A name and what it is.
struct Fact {
  let name: String
  let value: String

  init(_ name: String, _ value: String) {
    self.name = name
    self.value = value.isEmpty ? "–" : value
  }
}

/// A figure to be seen first.
struct Figure {
  let name: String
  let value: String
  let note: String
  let tone: String

  init(_ name: String, _ value: String, note: String = "", tone: Tone = .quiet) {
    self.name = name
    self.value = value
    self.note = note
    self.tone = tone.rawValue
  }
}

/// A part of a page that comes from one context, or the words for its being away.
struct Part {
  let title: String
  let anchor: String
  let facts: [Fact]
  let sheets: [Sheet]
  let away: [String]

  init(_ title: String, facts: [Fact] = [], sheets: [Sheet] = []) {
    self.init(title, facts, sheets, away: [])
  }

  /// The part of a context that cannot be asked.
  init(_ title: String, away why: String) { self.init(title, [], [], away: [why]) }

  private init(_ title: String, _ facts: [Fact], _ sheets: [Sheet], away: [String]) {
    self.title = title
    anchor = title.lowercased().replacing(" ", with: "-")
    self.facts = facts
    self.sheets = sheets
    self.away = away
  }
}
