import CardCryptography
import Foundation

/// The 1,024 words of SLIP-0039, sorted; the first four letters tell each from the others.
///
/// The file is that of the published standard.
enum ShareWordList {
    /// The words as ASCII; empty when the resource is missing or is not the list.
    static let words: [[UInt8]] = {
        guard let path = Bundle.module.path(forResource: "slip39-words", ofType: "txt"),
            let text = try? String(contentsOfFile: path, encoding: .utf8)
        else { return [] }
        let words = text.split(separator: "\n").map { Array($0.utf8) }
        return words.count == 1024 ? words : []
    }()

    /// The number of a word, found by halves; nil when it is not in the list.
    static func number(of word: borrowing Span<UInt8>) -> UInt16? {
        var range = words.startIndex..<words.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            let candidate = words[middle]
            switch order(of: word, candidate) {
            case 0: return UInt16(middle)
            case ..<0: range = range.lowerBound..<middle
            default: range = middle + 1..<range.upperBound
            }
        }
        return nil
    }

    private static func order(of left: borrowing Span<UInt8>, _ right: [UInt8]) -> Int {
        for index in 0..<min(left.count, right.count) where left[index] != right[index] {
            return Int(left[index]) - Int(right[index])
        }
        return left.count - right.count
    }
}
