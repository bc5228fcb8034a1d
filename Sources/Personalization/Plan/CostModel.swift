import CardApplication
public import CardLayout
public import ISO7816

/// How long a plan takes on a real reader, before it runs.
///
/// T = detect + power-up + Σ (turn-round + bytes × byte time + card work); a byte takes 12 elementary time units on contact cards.
/// The card-work figures are those measured on an FM1208 and printed in a TimeCOS manual.
public struct CostModel: Hashable, Sendable {
    /// Bits a second on the line.
    public let baudRate: Int

    /// A model for a line speed.
    public init(baudRate: Int) { self.baudRate = baudRate }

    /// A model for the speed that a card offers in TA1 of its answer to reset (ISO/IEC 7816-3 §8.3): Fi clocks and Di bits, at the clock that
    /// gives 9,600 baud at 372; nil where it offers none, or has a reserved one.
    public init?(offeredBy answer: AnswerToReset) {
        guard let speed = answer.speed, let clocks = Self.clocks[speed >> 4], let bits = Self.bits[speed & 0x0F] else {
            return nil
        }
        baudRate = 9_600 * 372 * bits / clocks
    }

    /// Fi by the high nibble of TA1.
    private static let clocks: [UInt8: Int] = [
        0x0: 372, 0x1: 372, 0x2: 558, 0x3: 744, 0x4: 1_116, 0x5: 1_488, 0x6: 1_860, 0x9: 512, 0xA: 768, 0xB: 1_024,
        0xC: 1_536, 0xD: 2_048,
    ]
    /// Di by the low nibble of TA1.
    private static let bits: [UInt8: Int] = [
        0x1: 1, 0x2: 2, 0x3: 4, 0x4: 8, 0x5: 16, 0x6: 32, 0x7: 64, 0x8: 12, 0x9: 20,
    ]

    /// The speed cards start with at 372 clocks.
    public static let slow = CostModel(baudRate: 9_600)
    /// The speed of a good reader.
    public static let fast = CostModel(baudRate: 115_200)

    /// What a step or a plan takes, by the parts of the model.
    public struct Parts: Hashable, Sendable {
        /// Bytes over the line, both ways, with status words.
        public let bytes: Int
        /// Seconds between commands and answers.
        public let turnRound: Double
        /// Seconds of the bytes on the line.
        public let line: Double
        /// Seconds of the card's own work.
        public let cardWork: Double

        /// All of them together.
        public var seconds: Double { turnRound + line + cardWork }
    }

    /// Seconds until the card that is put in can be sent its first command.
    public static let detectAndPowerUp = 0.6
    private static let turnRound = 0.002

    /// The predicted seconds of a plan.
    public func seconds(of plan: CardPlan) -> Double {
        plan.steps.reduce(Self.detectAndPowerUp) { $0 + seconds(of: $1, in: plan) }
    }

    /// The predicted seconds of one step.
    public func seconds(of step: PlanStep, in plan: CardPlan) -> Double {
        parts(of: step, profile: plan.profile).seconds
    }

    /// What one step is predicted to take.
    public func parts(of step: PlanStep, profile: COSProfile) -> Parts {
        let bytes = step.byteCount(profile: profile)
        return Parts(
            bytes: bytes, turnRound: Self.turnRound * Double(step.exchanges(profile: profile)),
            line: Double(bytes) * 12 / Double(baudRate),
            cardWork: cardWork(step))
    }

    /// What all steps of a plan are predicted to take, without ``detectAndPowerUp``.
    public func parts(of plan: CardPlan) -> Parts {
        let all = plan.steps.map { parts(of: $0, profile: plan.profile) }
        return Parts(
            bytes: all.reduce(0) { $0 + $1.bytes }, turnRound: all.reduce(0) { $0 + $1.turnRound },
            line: all.reduce(0) { $0 + $1.line }, cardWork: all.reduce(0) { $0 + $1.cardWork })
    }

    /// The predicted seconds of one exchange that reads or authenticates.
    public func seconds(of command: CommandAPDU, _ response: ResponseAPDU) -> Double {
        let bytes = command.bytes.count + response.bytes.count
        let isAuthentication = [0x20, 0x82, 0x88].contains(command.ins)
        return Self.turnRound + Double(bytes) * 12 / Double(baudRate)
            + (isAuthentication ? Self.authentication : Self.reading)
    }

    private static let reading = 0.002
    private static let authentication = 0.037

    private func cardWork(_ step: PlanStep) -> Double {
        switch step.purpose.kind {
        case .selectDirectory, .selectFile, .readBack, .takeChallenge, .selectSecurityDomain: Self.reading
        case .authenticate, .verifyPIN, .presentTransportCode, .beginSecureChannel: Self.authentication
        case .loadKey, .replaceMaster, .setPIN, .lockCard: 0.053
        case .eraseCard, .createMasterFile, .createKeyFile, .loadTransportKey, .createDirectory, .createFile,
            .writeFileControlInformation, .writeBlankRecord, .writeElement, .writeDirectoryRecord, .writeAnswerToReset,
            .endDirectory,
            .deleteApplication, .installApplication, .setLifeCycle:
            0.016
        }
    }
}

extension CardPlan {
    /// The commands that travel: those of the plan, and what T=0 takes to fetch answers.
    public var exchangeCount: Int { steps.reduce(0) { $0 + $1.exchanges(profile: profile) } }

    /// All bytes that go over the line, both ways.
    public var byteCount: Int { steps.reduce(0) { $0 + $1.byteCount(profile: profile) } }
}

extension PlanStep {
    /// The bytes of the command and of its answer, with GET RESPONSE and the 61xx before it where the answer is fetched.
    fileprivate func byteCount(profile: COSProfile) -> Int {
        operation.length(profile: profile)
            + operation.answerLength(plain: expectation.dataLength, profile: profile) + 2
            + (exchanges(profile: profile) - 1) * (2 + 5)
    }

    /// The commands that travel for it: on T=0 an answer to a command with data, such as a protected reading, is fetched by another one
    /// (ISO/IEC 7816-3 §12.2.1).
    fileprivate func exchanges(profile: COSProfile) -> Int {
        let isFetched =
            profile.transport == .t0 && expectation.dataLength > 0 && operation.dataLength(profile: profile) > 0
        return isFetched ? 2 : 1
    }
}
