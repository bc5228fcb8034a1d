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
            bytes: bytes, turnRound: Self.turnRound, line: Double(bytes) * 12 / Double(baudRate),
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
    /// All bytes that go over the line, both ways.
    public var byteCount: Int { steps.reduce(0) { $0 + $1.byteCount(profile: profile) } }
}

extension PlanStep {
    /// The bytes of the command and of its answer.
    fileprivate func byteCount(profile: COSProfile) -> Int {
        operation.length(profile: profile)
            + operation.answerLength(plain: expectation.dataLength, profile: profile) + 2
    }
}
