import ByteText
import Lifecycle

/// Some of the names that fall into one bucket of ``NameIndex``, with whose they are: as many as are sealed together.
///
/// Of each name its length in UTF-8 (2 bytes, most significant first), the name, and the person's reference (32 bytes), one after the
/// other without order. Empty bytes are a page of nobody.
struct NamePage {
    /// A name and whose it is.
    struct Entry: Equatable {
        let name: String
        let person: PersonReference
    }

    /// A page that is longer takes no more names.
    ///
    /// Two such pages have room on a page of the file, so that a search reads what it opens and little else.
    static let mostBytes = 1900

    private(set) var bytes: [UInt8] = []

    init() {}

    /// Takes what ``bytes`` was.
    init(bytes: [UInt8]) { self.bytes = bytes }

    var isFull: Bool { bytes.count > Self.mostBytes }

    mutating func append(_ entry: Entry) {
        bytes.append(bigEndian: UInt16(truncatingIfNeeded: entry.name.utf8.count))
        bytes += entry.name.utf8
        bytes += entry.person.bytes
    }

    /// Goes through the names of a page that lies open.
    ///
    /// - Parameter body: is given the name, and the bytes of the reference where they lie.
    /// - Returns: whether the page was one.
    static func forEach(in page: Span<UInt8>, _ body: (String, Span<UInt8>) -> Void) -> Bool {
        var place = 0
        while place < page.count {
            guard place + 2 <= page.count else { return false }
            let name = place + 2
            let person = name + Int(page[place]) << 8 + Int(page[place + 1])
            place = person + referenceLength
            guard place <= page.count else { return false }
            let text = page.extracting(name..<person).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
            body(text, page.extracting(person..<place))
        }
        return true
    }

    /// The page's names; nil when its bytes are none.
    var entries: [Entry]? {
        var entries: [Entry] = []
        let isPage = Self.forEach(in: bytes.span) { name, person in
            let bytes = person.withUnsafeBufferPointer { Array($0) }
            if let person = PersonReference(bytes: bytes) { entries.append(Entry(name: name, person: person)) }
        }
        return isPage ? entries : nil
    }

    private static let referenceLength = 32
}
