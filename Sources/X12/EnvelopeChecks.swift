// The state of each open envelope and the checks that its header and trailer call for.

struct InterchangeState {
  let header: InterchangeHeader?
  var log = FindingLog()
  var groupCount = 0
  private var isClosed = false

  init(header: InterchangeHeader?) { self.header = header }

  var report: InterchangeReport {
    InterchangeReport(header: header, findings: log.findings, groupCount: groupCount)
  }

  mutating func checkHeader() {
    guard let header else { return }
    func isNumber(_ text: String, _ count: Int) -> Bool {
      text.utf8.count == count && text.utf8.allSatisfy(Charset.isDigit)
    }
    if header.version != "00501" {
      add("ISA", "017", "ISA12 \"\(header.version)\" is not a version that is read here; send 00501")
    }
    if !isNumber(header.controlNumber, 9) {
      add("ISA", "018", "ISA13 \"\(header.controlNumber)\" is not a control number of nine digits")
    }
    if !isNumber(header.date, 6) { add("ISA", "014", "ISA09 \"\(header.date)\" is not a date (YYMMDD)") }
    if !isNumber(header.time, 4) { add("ISA", "015", "ISA10 \"\(header.time)\" is not a time (HHMM)") }
    if header.usage != "P", header.usage != "T" {
      add("ISA", "020", "ISA15 \"\(header.usage)\" must be P (production) or T (test)")
    }
  }

  mutating func end(_ segment: borrowing SegmentView) {
    isClosed = true
    let declared = segment.string(1)
    if Int(declared) != groupCount {
      add("IEA", "021", "IEA01 says \(declared) groups but \(groupCount) were found", segment.byteOffset)
    }
    let number = segment.string(2)
    if let header, number != header.controlNumber {
      let text = "IEA02 \"\(number)\" differs from ISA13 \"\(header.controlNumber)\"; both carry one control number"
      add("IEA", "001", text, segment.byteOffset)
    }
  }

  mutating func close(at offset: Int, cause: String) {
    if isClosed || header == nil { return }
    add("IEA", "023", "The interchange has no IEA trailer before \(cause); it may have been cut off", offset)
  }

  private mutating func add(_ id: String, _ code: String, _ text: String, _ offset: Int? = nil) {
    let offset = offset ?? header?.byteOffset ?? 0
    log.add(
      X12Finding(
        level: .interchange, code: code, segmentID: id, byteOffset: offset, message: "\(text) (byte \(offset))."))
  }
}

struct GroupState {
  let header: GroupHeader
  var receivedCount = 0
  var acceptedCount = 0
  private(set) var isSupported = true
  private var findings: [X12Finding] = []
  private var declaredCount: Int?

  init(header: GroupHeader) { self.header = header }

  var report: GroupReport {
    GroupReport(
      header: header, findings: findings, declaredCount: declaredCount, receivedCount: receivedCount,
      acceptedCount: acceptedCount)
  }

  mutating func checkHeader(_ guides: GuideLibrary) {
    if !guides.supports(functionalID: header.functionalID) {
      isSupported = false
      add("GS", "1", "Groups of kind \"\(header.functionalID)\" (GS01) are not read here")
    } else if guides.guide(version: header.version)?.functionalID != header.functionalID {
      isSupported = false
      let known = guides.versions.joined(separator: ", ")
      add("GS", "2", "The guide \"\(header.version)\" (GS08) is not read here; these are: \(known)")
    }
    if !(1...9).contains(header.controlNumber.utf8.count) || !header.controlNumber.utf8.allSatisfy(Charset.isDigit) {
      add("GS", "6", "GS06 \"\(header.controlNumber)\" is not a control number of one to nine digits")
    }
  }

  mutating func end(_ segment: borrowing SegmentView) {
    declaredCount = Int(segment.string(1))
    if declaredCount != receivedCount {
      let text = "GE01 says \(segment.string(1)) transactions but \(receivedCount) were found"
      add("GE", "5", text, segment.byteOffset)
    }
    if segment.string(2) != header.controlNumber {
      let text = "GE02 \"\(segment.string(2))\" differs from GS06 \"\(header.controlNumber)\"; both carry one number"
      add("GE", "4", text, segment.byteOffset)
    }
  }

  mutating func close(at offset: Int, cause: String) {
    add("GE", "3", "The group has no GE trailer before \(cause)", offset)
  }

  private mutating func add(_ id: String, _ code: String, _ text: String, _ offset: Int? = nil) {
    let offset = offset ?? header.byteOffset
    findings.append(
      X12Finding(level: .group, code: code, segmentID: id, byteOffset: offset, message: "\(text) (byte \(offset))."))
  }
}
