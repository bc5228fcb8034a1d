import ArgumentParser
import CardCryptography
import CardData
import Lifecycle
import SecretEntry

/// Where a PIN comes from: never an argument, never a column of a file.
enum PINSource: ExpressibleByArgument {
    /// Typed twice at the terminal, unseen.
    case ask
    /// Read from an open file descriptor.
    case descriptor(Int32)
    /// Drawn at random and written to a slip that only its owner can read.
    case generate

    init?(argument: String) {
        switch argument {
        case "ask": self = .ask
        case "generate": self = .generate
        default:
            guard argument.hasPrefix("fd:"), let number = Int32(argument.dropFirst(3)), number >= 0 else { return nil }
            self = .descriptor(number)
        }
    }

    /// Whether nobody chose the PIN, so that a slip must tell it to the holder.
    var isGenerated: Bool {
        if case .generate = self { true } else { false }
    }

    /// The PIN; trivial ones such as 123456 are refused.
    func pin() throws -> PersonalIdentificationNumber {
        let pin: PersonalIdentificationNumber
        switch self {
        case .generate: return try PersonalIdentificationNumber.random(digits: 6)
        case .descriptor(let number): pin = try Self.read(number)
        case .ask:
            let first = try Self.ask("请输入新密码 New PIN: ")
            guard first == (try Self.ask("请再输入一次 Again: ")) else { throw Faults("pin.entries-differ") }
            pin = first
        }
        guard !pin.isTrivial else { throw Faults("pin.trivial") }
        return pin
    }

    /// The PIN of a card for the person of this row: of a chosen one also what others could guess is refused, where the policy says so.
    func pin(for row: PersonRecord, under policy: LifecyclePolicy) throws -> PersonalIdentificationNumber {
        let pin = try pin()
        guard !isGenerated,
            let refusal = policy.refusal(
                of: pin, number: row["citizenNumber"] ?? "", birthDate: row["birthDate"] ?? "")
        else { return pin }
        throw Faults(refusal.fault.located(at: row.place))
    }

    /// The PIN that the holder has chosen for a card; trivial ones are refused, and a drawn one, which no slip would tell.
    func chosenPIN() throws -> PersonalIdentificationNumber {
        guard !isGenerated else { throw Faults("pin.not-drawn") }
        return try pin()
    }

    /// The holder's own PIN, typed once, to present to a card; a drawn one opens none.
    func presentedPIN() throws -> PersonalIdentificationNumber {
        switch self {
        case .descriptor(let number): return try Self.read(number)
        case .ask: return try Self.ask("密码 PIN: ")
        case .generate: throw Faults("pin.not-drawn")
        }
    }

    private static let limit = 64

    private static func ask(_ prompt: String) throws -> PersonalIdentificationNumber {
        do {
            return try number(SilentEntry.read(prompt, limit: limit))
        } catch let faults as Faults where faults.faults.first?.code == "secret.no-terminal" {
            throw Faults("pin.no-terminal")
        }
    }

    private static func read(_ descriptor: Int32) throws -> PersonalIdentificationNumber {
        try number(SecretLine.read(descriptor, limit: limit))
    }

    private static func number(_ bytes: borrowing SecretBytes) throws -> PersonalIdentificationNumber {
        do {
            return try bytes.withSpan { span throws(PersonalIdentificationNumber.Malformed) in
                try PersonalIdentificationNumber(digits: span)
            }
        } catch {
            throw Faults("pin.malformed")
        }
    }
}
