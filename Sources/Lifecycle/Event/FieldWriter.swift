import ByteText

/// Writes the body of an event: fields of tag 1, length 2, value, in rising order of their tags.
struct FieldWriter {
    private(set) var bytes: [UInt8] = []

    /// Most bodies are shorter.
    init() { bytes.reserveCapacity(64) }

    /// Fields must come in rising order; each act's coding lists them so, and reading refuses any other order.
    mutating func put(_ tag: FieldTag, _ value: [UInt8]) {
        begin(tag, count: value.count)
        bytes += value
    }

    mutating func put(_ tag: FieldTag, _ text: String) {
        begin(tag, count: text.utf8.count)
        bytes += text.utf8
    }

    mutating func put(_ tag: FieldTag, byte: UInt8) {
        begin(tag, count: 1)
        bytes.append(byte)
    }

    /// Most significant byte first.
    mutating func put(_ tag: FieldTag, number: some FixedWidthInteger & UnsignedInteger) {
        begin(tag, count: number.bitWidth / 8)
        bytes.append(bigEndian: number)
    }

    /// One of the fields that hold what an earlier field has no room for.
    mutating func put(further place: UInt8, _ value: [UInt8]) {
        begin(FieldTag.further &+ place, count: value.count)
        bytes += value
    }

    private mutating func begin(_ tag: FieldTag, count: Int) { begin(tag.rawValue, count: count) }

    private mutating func begin(_ tag: UInt8, count: Int) {
        bytes.append(tag)
        bytes.append(bigEndian: UInt16(truncatingIfNeeded: count))
    }
}

/// The fields that bodies are made of; one number means one thing in every act.
enum FieldTag: UInt8 {
    case role = 0x01
    case secondRole = 0x02
    case proofs = 0x03
    case policyVersion = 0x04
    case agent = 0x05
    case person = 0x10
    case sealedNumber = 0x11
    case sealedName = 0x12
    case sealedDetails = 0x13
    case purpose = 0x14
    case found = 0x15
    case cardNumber = 0x20
    case layout = 0x21
    case profile = 0x22
    case area = 0x23
    case issued = 0x24
    case expires = 0x25
    case planHash = 0x26
    case blankSerial = 0x27
    case journal = 0x28
    case keyVersions = 0x29
    case reason = 0x30
    case channel = 0x31
    case reporter = 0x32
    case subject = 0x33
    case lostSince = 0x34
    case restrictions = 0x35
    case successor = 0x36
    case service = 0x37
    case ticket = 0x38
    case earlierEvent = 0x39
    case earlierKind = 0x3A
    case elements = 0x3B
    case issue = 0x3C
    case fen = 0x3D
    case lastDay = 0x3E
    case placeBefore = 0x3F
    case application = 0x50
    case applicationKind = 0x51
    case applicationWay = 0x52
    case batch = 0x53
    case factoryReturn = 0x54
    case failure = 0x55
    case stockKind = 0x60
    case chipSerials = 0x61
    case giver = 0x62
    case taker = 0x63
    case day = 0x64
    case owner = 0x65
    case countedBlanks = 0x66
    case countedFinished = 0x67
    case countedSpoiled = 0x68
    case countedSecurityModules = 0x69
    case countedTyped = 0x6A
    case terminal = 0x6B
    case leaseCounter = 0x70
    case leaseNumbers = 0x71
    case leaseTerms = 0x72
    case backup = 0x78
    case newestKnown = 0x79
    case withheldNumbers = 0x7A

    /// The first of sixteen fields that hold further parts of a day's count, four for each kind.
    static let further: UInt8 = 0x80
}
