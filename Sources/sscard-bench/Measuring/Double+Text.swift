import Foundation

extension Double {
    /// With so many decimal places.
    func fixed(_ places: Int) -> String { String(format: "%.\(places)f", self) }

    /// Without decimal places, a comma before each group of three digits.
    var grouped: String {
        let digits = String(Int64(rounded()).magnitude)
        let groups = stride(from: digits.count, to: 0, by: -3).map { end in
            digits.dropLast(digits.count - end).suffix(3)
        }
        return (self < 0 ? "−" : "") + groups.reversed().joined(separator: ",")
    }
}
