extension DataObject {
    /// How deep data objects may lie in one another; no card of the standards goes deeper than five.
    public static let deepest = 16

    /// Reads data objects one behind the other; none in no bytes.
    ///
    /// - Throws: the first thing that is wrong, with its place.
    public static func read(_ bytes: [UInt8], deepest: Int = deepest) throws(Malformed) -> [DataObject] {
        try read(bytes, bytes.startIndex..<bytes.endIndex, levels: deepest)
    }

    /// Reads exactly one data object; throws as ``read(_:deepest:)``, and when there is none or more.
    public init(reading bytes: [UInt8], deepest: Int = deepest) throws(Malformed) {
        var place = 0
        self = try Self.next(in: bytes, at: &place, upTo: bytes.count, levels: deepest)
        guard place == bytes.count else { throw Malformed(.trailing, at: place) }
    }

    private static func read(
        _ bytes: [UInt8], _ range: Range<Int>, levels: Int
    ) throws(Malformed) -> [DataObject] {
        var objects: [DataObject] = []
        var place = range.lowerBound
        while place < range.upperBound {
            objects.append(try next(in: bytes, at: &place, upTo: range.upperBound, levels: levels))
        }
        return objects
    }

    private static func next(
        in bytes: [UInt8], at place: inout Int, upTo end: Int, levels: Int
    ) throws(Malformed) -> DataObject {
        guard levels > 0 else { throw Malformed(.tooDeep, at: place) }
        let tag = try tag(in: bytes, at: &place, upTo: end)
        let count = try length(in: bytes, at: &place, upTo: end)
        guard count <= end - place else { throw Malformed(.truncated, at: place) }
        let content = place..<place + count
        place = content.upperBound
        guard tag.isConstructed else { return DataObject(tag: tag, value: .bytes(Array(bytes[content]))) }
        return DataObject(tag: tag, value: .objects(try read(bytes, content, levels: levels - 1)))
    }

    private static func tag(in bytes: [UInt8], at place: inout Int, upTo end: Int) throws(Malformed) -> Tag {
        let start = place
        guard start < end else { throw Malformed(.truncated, at: start) }
        var count = 1
        if bytes[start] & 0x1F == 0x1F {
            count = 2
            // Bit 8 of a byte behind the first says that another one follows.
            if start + 1 < end, bytes[start + 1] & 0x80 != 0 { count = 3 }
        }
        guard count <= end - start else { throw Malformed(.truncated, at: start) }
        guard let tag = Tag(Array(bytes[start..<start + count])) else { throw Malformed(.tag, at: start) }
        place = start + count
        return tag
    }

    private static func length(in bytes: [UInt8], at place: inout Int, upTo end: Int) throws(Malformed) -> Int {
        let start = place
        guard start < end else { throw Malformed(.truncated, at: start) }
        let first = bytes[start]
        guard first & 0x80 != 0 else {
            place = start + 1
            return Int(first)
        }
        let digits = Int(first & 0x7F)
        guard digits > 0 else { throw Malformed(.indefiniteLength, at: start) }
        guard digits <= 4 else { throw Malformed(.length, at: start) }
        guard digits < end - start else { throw Malformed(.truncated, at: start) }
        let count = bytes[(start + 1)...(start + digits)].reduce(0) { $0 << 8 | Int($1) }
        guard length(count).count == digits + 1 else { throw Malformed(.length, at: start) }
        place = start + digits + 1
        return count
    }
}
