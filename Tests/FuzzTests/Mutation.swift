import SeededNumbers

/// Makes inputs from seeds as libFuzzer does, without looking at what they reach.
struct Mutation {
    private static let tellingBytes: [UInt8] = [0x00, 0x01, 0x7F, 0x80, 0x81, 0x82, 0x84, 0xFE, 0xFF, 0x61, 0x6C, 0x90]
    private static let longest = 65_536

    private let seeds: [[UInt8]]
    private let words: [[UInt8]]
    private var generator: SeededGenerator

    init(seeds: [[UInt8]], words: [String], seed: UInt64) {
        self.seeds = seeds + [[]]
        self.words = words.map { Array($0.utf8) }
        generator = SeededGenerator(seed: seed)
    }

    /// The next input.
    mutating func next() -> [UInt8] {
        var bytes = seeds[Int.random(in: 0..<seeds.count, using: &generator)]
        for _ in 0..<Int.random(in: 1...6, using: &generator) { change(&bytes) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let place = Int.random(in: 0...bytes.count, using: &generator)
        let span = place..<min(bytes.count, place + Int.random(in: 1...32, using: &generator))
        switch Int.random(in: 0..<10, using: &generator) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1 where place < bytes.count: bytes[place] = Self.tellingBytes.randomElement(using: &generator) ?? 0
        case 2 where place < bytes.count: bytes[place] = UInt8.random(in: .min ... .max, using: &generator)
        case 3: bytes.removeSubrange(span)
        case 4: bytes.removeSubrange(place...)
        case 5: bytes.insert(contentsOf: Array(bytes[span]), at: place)
        case 6:
            let noise = (0..<Int.random(in: 1...64, using: &generator)).map { _ in
                UInt8.random(in: .min ... .max, using: &generator)
            }
            bytes.insert(contentsOf: noise, at: place)
        case 7:
            let other = seeds[Int.random(in: 0..<seeds.count, using: &generator)]
            bytes.replaceSubrange(place..., with: other.dropFirst(Int.random(in: 0...other.count, using: &generator)))
        case 8:
            bytes.insert(contentsOf: words.randomElement(using: &generator) ?? [0xFF, 0xFF, 0xFF, 0xFF], at: place)
        default:
            let count = Int.random(in: 0...2, using: &generator) * 200
            bytes.insert(contentsOf: [UInt8](repeating: bytes.last ?? 0x20, count: count), at: place)
        }
        if bytes.count > Self.longest { bytes.removeSubrange(Self.longest...) }
    }
}
