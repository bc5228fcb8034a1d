public import CardData

/// Whether what begins and ends as a picture is one: a walk through its parts, without drawing it.
extension Picture {
    /// Throws `picture.unreadable` for a picture that no program can show: a JPEG without its frame, its tables or a scan, or with parts
    /// that run past its end; a bitmap without size or points.
    public func checkStructure() throws(Faults) {
        let isWhole =
            switch form {
            case .jpeg: JPEGWalk(bytes).isPicture
            case .bitmap: Self.isBitmap(bytes)
            }
        guard isWhole else { throw Faults("picture.unreadable") }
    }

    /// File header of 14 bytes, then an information header that tells width, height, planes and bits a point.
    private static func isBitmap(_ bytes: [UInt8]) -> Bool {
        func number(at place: Int, _ count: Int) -> Int {
            bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        guard bytes.count >= 26 else { return false }
        let (points, header) = (number(at: 10, 4), number(at: 14, 4))
        // The oldest header has sizes of two bytes, all later ones of four; a height below zero turns the picture over.
        let isOld = header == 12
        guard isOld || header >= 40, bytes.count >= 14 + header else { return false }
        let width = isOld ? number(at: 18, 2) : number(at: 18, 4)
        let height = isOld ? number(at: 20, 2) : abs(Int(Int32(truncatingIfNeeded: number(at: 22, 4))))
        let (planes, bits) = isOld ? (number(at: 22, 2), number(at: 24, 2)) : (number(at: 26, 2), number(at: 28, 2))
        guard (1...0xFFFF).contains(width), (1...0xFFFF).contains(height), planes == 1,
            [1, 4, 8, 16, 24, 32].contains(bits),
            points >= 14 + header, points < bytes.count
        else { return false }
        let isPacked = !isOld && number(at: 30, 4) != 0 && number(at: 30, 4) != 3
        return isPacked || (width * bits + 31) / 32 * 4 * height <= bytes.count - points
    }
}

/// The marker segments of a JPEG, one after the other (ISO/IEC 10918-1 B.1 and B.2).
private struct JPEGWalk {
    private let bytes: [UInt8]
    private var place = 2
    private var hasFrame = false
    private var hasQuantization = false
    private var hasCodes = false
    private var scans = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Whether frame, tables and at least one scan are there, and the end comes where the bytes end.
    var isPicture: Bool {
        var walk = self
        return walk.reachesEnd()
    }

    private mutating func reachesEnd() -> Bool {
        while let marker = nextMarker() {
            switch marker {
            case 0xD9: return scans > 0 && place == bytes.count
            case 0x01, 0xD0...0xD7: continue
            case 0x00, 0xD8: return false
            default: guard takeSegment(marker) else { return false }
            }
        }
        return false
    }

    /// A marker is FF, of which several may fill, and the byte that names it.
    private mutating func nextMarker() -> UInt8? {
        guard place < bytes.count, bytes[place] == 0xFF else { return nil }
        while place < bytes.count, bytes[place] == 0xFF { place += 1 }
        guard place < bytes.count else { return nil }
        defer { place += 1 }
        return bytes[place]
    }

    private mutating func takeSegment(_ marker: UInt8) -> Bool {
        guard place + 2 <= bytes.count else { return false }
        let length = Int(bytes[place]) << 8 | Int(bytes[place + 1])
        guard length >= 2, place + length <= bytes.count else { return false }
        let content = Array(bytes[place + 2..<place + length])
        place += length
        switch marker {
        case 0xC4, 0xCC: hasCodes = hasCodes || !content.isEmpty
        case 0xDB: hasQuantization = hasQuantization || content.count >= 65
        case 0xC0...0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
            guard !hasFrame, Self.isFrame(content) else { return false }
            hasFrame = true
        case 0xDA:
            guard hasFrame, hasQuantization, hasCodes, let count = content.first, (1...4).contains(count),
                content.count == 4 + 2 * Int(count)
            else { return false }
            return skipScan()
        default: break
        }
        return true
    }

    /// Precision, height and width, and three bytes for each of one to four components.
    private static func isFrame(_ content: [UInt8]) -> Bool {
        guard content.count >= 6 else { return false }
        let count = Int(content[5])
        return [8, 12].contains(content[0]) && (content[1], content[2]) != (0, 0) && (content[3], content[4]) != (0, 0)
            && (1...4).contains(count) && content.count == 6 + 3 * count
    }

    /// Coded points go on to the next marker: an FF in them is followed by 00, and D0 to D7 restart them.
    private mutating func skipScan() -> Bool {
        let start = place
        while place + 1 < bytes.count,
            bytes[place] != 0xFF || bytes[place + 1] == 0 || (0xD0...0xD7).contains(bytes[place + 1])
        {
            place += 1
        }
        scans += 1
        return place > start
    }
}
