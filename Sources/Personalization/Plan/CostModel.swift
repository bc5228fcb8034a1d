import CardApplication
import CardLayout
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

    private static let detectAndPowerUp = 0.6
    private static let turnRound = 0.002

    /// The predicted seconds of a plan.
    public func seconds(of plan: CardPlan) -> Double {
        plan.steps.reduce(Self.detectAndPowerUp) { $0 + seconds(of: $1, in: plan) }
    }

    /// The predicted seconds of one step.
    public func seconds(of step: PlanStep, in plan: CardPlan) -> Double {
        let bytes = plan.bytes(of: step)
        return Self.turnRound + Double(bytes) * 12 / Double(baudRate) + cardWork(step)
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
            .writeFileControlInformation, .writeBlankRecord, .writeElement, .endDirectory,
            .deleteApplication, .installApplication, .setLifeCycle:
            0.016
        }
    }
}

extension CardPlan {
    /// All bytes that go over the line, both ways.
    public var byteCount: Int {
        steps.reduce(0) { $0 + bytes(of: $1) }
    }

    /// A step's command, answer and status word.
    func bytes(of step: PlanStep) -> Int {
        step.operation.length(profile: profile)
            + step.operation.answerLength(plain: step.expectation.dataLength, profile: profile) + 2
    }
}
