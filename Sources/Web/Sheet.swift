// A table on a page, as data. One template shows all of them.

struct Sheet {
  struct Column {
    let title: String
    let isNumber: Bool
    /// Left out where the screen is narrow.
    let isMinor: Bool

    /// - Parameter title: starts with `~` where the column is minor, then with `#` where it is of numbers.
    fileprivate init(_ title: String) {
      let rest = title.drop { $0 == "~" }
      isMinor = rest.count < title.count
      isNumber = rest.first == "#"
      self.title = String(rest.drop { $0 == "#" })
    }
  }

  struct Cell {
    let text: String
    var isNumber = false
    /// A date: never broken into lines.
    var isDay = false
    var link: Link?
    var pill: Pill?
    fileprivate(set) var isMinor = false

    fileprivate var isEmpty: Bool { text.isEmpty && link == nil && pill == nil }

    static func text(_ text: String) -> Cell { Cell(text: text) }
    static func number(_ text: String) -> Cell { Cell(text: text, isNumber: true) }
    static func day(_ iso: String) -> Cell { Cell(text: iso.isEmpty ? "" : Words.day(iso), isDay: true) }
    /// - Parameter iso: its first day.
    static func month(_ iso: String) -> Cell { Cell(text: Words.month(iso), isDay: true) }
    static func pill(_ pill: Pill) -> Cell { Cell(text: "", pill: pill) }
    static func link(_ text: String, to href: String) -> Cell {
      Cell(text: "", link: Link(label: text, href: href))
    }

    /// A number that leads somewhere.
    static func number(_ text: String, to href: String) -> Cell {
      Cell(text: "", isNumber: true, link: Link(label: text, href: href))
    }
  }

  struct Link {
    let label: String
    let href: String
  }

  struct Row {
    let cells: [Cell]
    /// Belongs to the row above it.
    let isMore: Bool
  }

  let caption: String
  let columns: [Column]
  let rows: [Row]
  let sums: [Row]
  /// Said where there are no rows: what to do to have some.
  let nothing: String
  let hasRows: Bool

  /// A column in which every cell is empty is left out.
  ///
  /// - Parameters:
  ///   - columns: titles; those that start with `#` are of numbers, those with `~` are left out on narrow screens.
  ///   - isMore: whether a row belongs to the one above it.
  init(
    _ caption: String, _ columns: [String], _ rows: [[Cell]], sum: [Cell] = [], nothing: String,
    isMore: ([Cell]) -> Bool = { _ in false }
  ) {
    let all = columns.map(Column.init)
    let kept = all.indices.filter { index in rows.isEmpty || rows.contains { !$0[index].isEmpty } }
    func cells(_ row: [Cell]) -> [Cell] {
      kept.map { index in
        var cell = row[index]
        cell.isMinor = all[index].isMinor
        return cell
      }
    }
    self.caption = caption
    self.columns = kept.map { all[$0] }
    self.rows = rows.map { Row(cells: cells($0), isMore: isMore($0)) }
    sums = sum.isEmpty ? [] : [Row(cells: cells(sum), isMore: false)]
    self.nothing = nothing
    hasRows = !rows.isEmpty
  }
}

/// A name and what it is.
struct Fact {
  let name: String
  let value: String
  /// An identifier: shown as far as there is room, whole where it is pointed at.
  let code: [String]
  let links: [Sheet.Link]

  init(_ name: String, _ value: String) {
    self.init(name, value: value.isEmpty ? "–" : value)
  }

  init(_ name: String, code: String) { self.init(name, value: "", code: [code]) }

  init(_ name: String, _ text: String, to href: String) {
    self.init(name, value: "", links: [Sheet.Link(label: text, href: href)])
  }

  private init(_ name: String, value: String, code: [String] = [], links: [Sheet.Link] = []) {
    self.name = name
    self.value = value
    self.code = code
    self.links = links
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
  let hasFacts: Bool
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
    hasFacts = !facts.isEmpty
    self.sheets = sheets
    self.away = away
  }
}
