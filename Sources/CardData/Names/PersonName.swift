/// A person's name as the card holds it: 30 bytes in the name element (tag 09), 20 more in its extension (tag 4E), GBK.
///
/// A character of two bytes is never cut at the 30-byte border: when it does not fit whole, it opens the extension and the name
/// element ends one byte earlier. So a reader that knows only the name element shows whole characters, and a reader that joins
/// both after dropping the padding gets the whole name. Cards of version 1.00 have no extension.
public struct PersonName: Hashable, Sendable {
    /// The most bytes of the name element.
    public static let mainLength = 30
    /// The most bytes of the extension.
    public static let extensionLength = 20

    /// The name, with U+00B7 as its middle dot.
    public let text: String
    /// What goes into the name element, 1…30 bytes without padding.
    public let mainBytes: [UInt8]
    /// What goes into the extension, 0…20 bytes without padding.
    public let extensionBytes: [UInt8]

    /// Takes a name as it was written: spaces around it are dropped, the dots U+2022, U+2027 and U+30FB become U+00B7.
    ///
    /// Throws all of `name.empty`, `name.control-character`, `name.not-in-gbk` (naming every such character) and `name.too-long`
    /// that apply.
    public init(_ text: String) throws(Faults) {
        var faults = FaultCollector()
        let name = Self.normalized(text)
        if name.isEmpty { faults.add("name.empty") }
        let controls = name.unicodeScalars.filter { $0.properties.generalCategory == .control }
        if !controls.isEmpty { faults.add("name.control-character", ["characters": GBKText.named(Array(controls))]) }
        let missing = GBKText.charactersOutside(name).filter { $0.properties.generalCategory != .control }
        if !missing.isEmpty { faults.add("name.not-in-gbk", ["characters": GBKText.named(missing)]) }
        let length = name.unicodeScalars.reduce(0) { $0 + ($1.isASCII ? 1 : 2) }
        let border = Self.border(in: name)
        if border > Self.mainLength || length - border > Self.extensionLength {
            faults.add(
                "name.too-long",
                ["bytes": String(length), "most": String(Self.mainLength + Self.extensionLength)])
        }
        try faults.check()
        let bytes = try GBKText.encode(name)
        self.text = name
        mainBytes = Array(bytes[..<border])
        extensionBytes = Array(bytes[border...])
    }

    /// Takes a name as somebody types it: a blank between two ideographs (李 四), which spreads a short name out in print and belongs to none,
    /// is dropped as well.
    ///
    /// What stands on a card or on record is read as it is: ``init(_:)``. Throws what that throws.
    public init(typed text: String) throws(Faults) {
        try self.init(Self.withoutInnerBlanks(text))
    }

    /// A typed name, or its beginning, without blanks between ideographs.
    public static func withoutInnerBlanks(_ text: String) -> String {
        let scalars = Array(normalized(text).unicodeScalars)
        var kept = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            if isSpace(scalar) {
                let next = scalars[index...].first { !isSpace($0) }
                if kept.last?.properties.isIdeographic == true, next?.properties.isIdeographic == true { continue }
            }
            kept.append(scalar)
        }
        return String(kept)
    }

    /// Whether it is written as names are: of letters and ideographs, between them single middle dots, and in names of letters also blanks,
    /// hyphens and apostrophes.
    ///
    /// Whoever is taken in has such a name; what stands on a card or on record already is read whatever it is.
    public func check() throws(Faults) {
        let scalars = Array(text.unicodeScalars)
        var strange: [Unicode.Scalar] = []
        for scalar in scalars where !Self.isLetter(scalar) && !Self.joins.contains(scalar) && !strange.contains(scalar)
        {
            strange.append(scalar)
        }
        guard strange.isEmpty else {
            throw Faults("name.character", ["characters": GBKText.named(strange)])
        }
        let isJoined = zip([" "] + scalars, scalars + [" "]).allSatisfy { Self.isLetter($0) || Self.isLetter($1) }
        guard isJoined else { throw Faults("name.joined") }
    }

    /// What may stand between two letters.
    private static let joins: Set<Unicode.Scalar> = ["\u{B7}", " ", "-", "'"]

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        // Letters as wide as ideographs are another spelling of the plain ones, and found by nobody who types those.
        guard !(0xFF00...0xFFEF).contains(scalar.value) else { return false }
        return scalar.properties.isIdeographic || scalar.properties.isAlphabetic
    }

    /// Reads a name back from its two elements with or without padding; bytes of a character that another writer cut at the border are
    /// joined first.
    ///
    /// Throws `text.undecodable` and what ``init(_:)`` throws.
    public init(main: [UInt8], extension more: [UInt8] = []) throws(Faults) {
        try self.init(try GBKText.decode(Self.unpadded(main) + Self.unpadded(more)))
    }

    /// What may be shown and logged: the first character, then one asterisk for all others.
    public var masked: String { text.prefix(1) + "*" }

    /// How many bytes of the name stand in the name element: as many whole characters as fit.
    private static func border(in name: String) -> Int {
        var length = 0
        for scalar in name.unicodeScalars {
            let next = length + (scalar.isASCII ? 1 : 2)
            if next > mainLength { break }
            length = next
        }
        return length
    }

    /// What people type for the middle dot.
    private static let dots: Set<Unicode.Scalar> = ["\u{2022}", "\u{2027}", "\u{30FB}"]

    private static func normalized(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            scalars.append(dots.contains(scalar) ? "\u{B7}" : scalar)
        }
        let start = scalars.drop(while: isSpace)
        let end = start.lastIndex { !isSpace($0) }.map { start.index(after: $0) } ?? start.startIndex
        return String(start[start.startIndex..<end])
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\u{3000}" || scalar == "\u{A0}" || scalar == "\t"
    }

    private static func unpadded(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        bytes[..<((bytes.lastIndex { $0 != 0 } ?? -1) + 1)]
    }
}

extension PersonName: CustomStringConvertible {
    /// The masked form, so that printing a name by accident does not give a person away.
    public var description: String { masked }
}
