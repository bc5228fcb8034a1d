import Synchronization

/// Who confirms on one form: number and password are looked at once, however many acts of the form want the second person.
///
/// What a password costs (scrypt) is for whoever guesses; a form that asks twice would only make everybody wait twice. An error stays
/// the answer as well, so that one wrong password counts as one.
final class Confirmation: Sendable {
    private struct Known {
        let number: UInt64
        let password: String
        let answer: Task<Operator, any Error>
    }

    private let known = Mutex<Known?>(nil)

    /// The person of this number and password: by this look at both, or by the first that the form had.
    func once(
        _ number: UInt64, _ password: String, _ look: @escaping @Sendable () async throws -> Operator
    ) async throws -> Operator {
        let answer = known.withLock { known in
            if let known, known.number == number, known.password == password { return known.answer }
            let answer = Task { try await look() }
            known = Known(number: number, password: password, answer: answer)
            return answer
        }
        return try await answer.value
    }
}
