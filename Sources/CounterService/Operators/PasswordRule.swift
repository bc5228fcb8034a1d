import CardCryptography
import CardData

/// What a new password must be; nobody is ever given a default one.
enum PasswordRule {
    /// The fewest bytes.
    static let least = 10
    /// The most bytes.
    static let most = 200

    /// Throws every reason against a new password.
    static func check(_ password: borrowing SecretBytes, of number: UInt64) throws(Faults) {
        var faults = FaultCollector()
        guard (least...most).contains(password.count) else {
            throw Faults("operator.password-length", ["least": String(least), "most": String(most)])
        }
        let own = Array(String(number).utf8)
        let isTrivial = password.withSpan { span in
            var steps: Set<Int> = []
            for index in 1..<span.count {
                let step = Int(span[index]) - Int(span[index - 1])
                // 0 follows 9, and 9 goes before 0
                steps.insert(step == -9 ? 1 : step == 9 ? -1 : step)
            }
            return steps.count == 1
        }
        if isTrivial { faults.add("operator.password-trivial") }
        let holdsNumber = password.withSpan { span in
            // One digit or two say nothing of whose password it is.
            guard own.count > 2, span.count >= own.count else { return false }
            return (0...(span.count - own.count)).contains { start in
                own.indices.allSatisfy { span[start + $0] == own[$0] }
            }
        }
        if holdsNumber { faults.add("operator.password-holds-number") }
        try faults.check()
    }
}
