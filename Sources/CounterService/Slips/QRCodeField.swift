/// The field of a QR code while it is filled: patterns that readers look for, then the data around them, masked.
struct QRCodeField {
    private let size: Int
    /// Row by row, true where it is dark.
    private(set) var rows: [[Bool]]
    /// Where patterns and the format stand, which data goes around.
    private var isTaken: [[Bool]]

    init(_ version: QRCode.Version, _ codewords: [UInt8], mask: Int) {
        size = version.size
        rows = Array(repeating: Array(repeating: false, count: version.size), count: version.size)
        isTaken = rows
        drawTiming()
        for (row, column) in [(0, 0), (0, size - 7), (size - 7, 0)] { drawFinder(row, column) }
        if let place = version.alignment { drawAlignment(place) }
        drawFormat(mask)
        place(codewords, mask)
    }

    // MARK: - Patterns

    private mutating func set(_ row: Int, _ column: Int, _ isDark: Bool) {
        rows[row][column] = isDark
        isTaken[row][column] = true
    }

    private mutating func drawTiming() {
        for place in 0..<size {
            set(6, place, place.isMultiple(of: 2))
            set(place, 6, place.isMultiple(of: 2))
        }
    }

    /// Seven by seven with a light border, which ends at the field's edge.
    private mutating func drawFinder(_ row: Int, _ column: Int) {
        for down in -1...7 {
            for across in -1...7 where rows.indices ~= row + down && rows.indices ~= column + across {
                let ring = max(abs(down - 3), abs(across - 3))
                set(row + down, column + across, ring != 2 && ring != 4)
            }
        }
    }

    private mutating func drawAlignment(_ place: Int) {
        for down in -2...2 {
            for across in -2...2 { set(place + down, place + across, max(abs(down), abs(across)) != 1) }
        }
    }

    /// Error correction M and the mask in fifteen bits, twice; and the one module that is always dark.
    private mutating func drawFormat(_ mask: Int) {
        let bits = Self.format(mask)
        for place in 0..<15 {
            let isDark = bits >> place & 1 == 1
            switch place {
            case 0..<6: set(place, 8, isDark)
            case 6, 7: set(place + 1, 8, isDark)
            case 8: set(8, 7, isDark)
            default: set(8, 14 - place, isDark)
            }
            if place < 8 { set(8, size - 1 - place, isDark) } else { set(size - 15 + place, 8, isDark) }
        }
        set(size - 8, 8, true)
    }

    /// Level M is 00; ten check bits of the BCH code follow, and all is masked so that it is never blank.
    static func format(_ mask: Int) -> Int {
        var remainder = mask
        for _ in 0..<10 { remainder = remainder << 1 ^ (remainder >> 9) * 0x537 }
        return (mask << 10 | remainder) ^ 0x5412
    }

    // MARK: - Data

    /// In columns of two from the right, up and down by turns, around the patterns.
    private mutating func place(_ codewords: [UInt8], _ mask: Int) {
        var bit = 0
        for (turn, right) in stride(from: size - 1, to: 0, by: -2).enumerated() {
            // The vertical timing pattern is a column of its own.
            let right = right <= 6 ? right - 1 : right
            for step in 0..<size {
                let row = turn.isMultiple(of: 2) ? size - 1 - step : step
                for column in [right, right - 1] where !isTaken[row][column] {
                    let isSet = bit < codewords.count * 8 && codewords[bit / 8] >> (7 - bit % 8) & 1 == 1
                    bit += 1
                    rows[row][column] = isSet != Self.isMasked(row, column, mask)
                }
            }
        }
    }

    private static func isMasked(_ row: Int, _ column: Int, _ mask: Int) -> Bool {
        switch mask {
        case 0: (row + column).isMultiple(of: 2)
        case 1: row.isMultiple(of: 2)
        case 2: column.isMultiple(of: 3)
        case 3: (row + column).isMultiple(of: 3)
        case 4: (row / 2 + column / 3).isMultiple(of: 2)
        case 5: row * column % 2 + row * column % 3 == 0
        case 6: (row * column % 2 + row * column % 3).isMultiple(of: 2)
        default: ((row + column) % 2 + row * column % 3).isMultiple(of: 2)
        }
    }

    // MARK: - Choice of the mask

    /// How badly the field reads: long runs, blocks of one colour, what looks like a finder, more dark than light.
    var penalty: Int {
        let columns = (0..<size).map { column in rows.map { $0[column] } }
        let lines = (rows + columns).reduce(0) { $0 + Self.runs(in: $1) + Self.finders(in: $1) }
        var squares = 0
        for row in 1..<size {
            for column in 1..<size {
                let colour = rows[row][column]
                if rows[row - 1][column] == colour, rows[row][column - 1] == colour, rows[row - 1][column - 1] == colour
                {
                    squares += 3
                }
            }
        }
        let dark = rows.joined().count(where: \.self)
        let imbalance = abs(dark * 20 - size * size * 10) / (size * size)
        return lines + squares + imbalance * 10
    }

    private static func runs(in line: [Bool]) -> Int {
        var penalty = 0
        var length = 0
        for place in line.indices {
            length = place > 0 && line[place] == line[place - 1] ? length + 1 : 1
            if length == 5 { penalty += 3 } else if length > 5 { penalty += 1 }
        }
        return penalty
    }

    /// Dark, light, three dark, light, dark, with four light ones before or behind.
    private static func finders(in line: [Bool]) -> Int {
        let finder = [true, false, true, true, true, false, true]
        let quiet = [false, false, false, false]
        return (0...max(0, line.count - 11)).reduce(0) { penalty, start in
            let part = Array(line[start..<min(start + 11, line.count)])
            return penalty + (part == finder + quiet || part == quiet + finder ? 40 : 0)
        }
    }
}
