public import CardApplication
public import CardData
import CardLayout
public import ISO7816
public import IssuerKeys

/// Runs a plan for a GlobalPlatform card, exactly as it stands.
///
/// A card that stops half-way is not handed out: the plan is run again from its beginning, which deletes the instances first.
/// Nothing is retried by itself, since a security domain counts failed authentications.
public struct GlobalPlatformRunner {
    /// Why a run stopped, and where.
    public struct Stopped: Error, Hashable, Sendable {
        /// The step.
        public let step: GlobalPlatformStep
        /// The reason.
        public let error: GlobalPlatformError
    }

    private let channel: any CardChannel
    private let keys: any GlobalPlatformKeyService
    private let card: CardKeyContext

    /// A runner for one card.
    ///
    /// - Parameters:
    ///   - channel: The way to the card, without a secure channel.
    ///   - keys: The issuer's keys of security domains.
    ///   - card: What diversifies the keys that go into key groupings.
    public init(_ channel: any CardChannel, keys: any GlobalPlatformKeyService, card: CardKeyContext) {
        self.channel = channel
        self.keys = keys
        self.card = card
    }

    /// Runs a plan from its beginning to its end.
    ///
    /// - Parameter progress: Called after each step with the commands done.
    public func run(_ plan: GlobalPlatformPlan, progress: (Int, GlobalPlatformStep) -> Void = { _, _ in })
        throws(Stopped)
    {
        var secured: GlobalPlatformChannel?
        var done = 0
        defer { secured?.close() }
        for step in plan.steps {
            do throws(GlobalPlatformError) {
                try run(step, &secured)
            } catch {
                throw Stopped(step: step, error: error)
            }
            done += step.commandCount
            progress(done, step)
        }
    }

    private func run(
        _ step: GlobalPlatformStep, _ secured: inout GlobalPlatformChannel?
    ) throws(GlobalPlatformError) {
        switch step.operation {
        case .reset:
            secured?.close()
            secured = nil
            do throws(CardChannelError) { try channel.reset() } catch { throw .channel(error) }
        case .plain(let command): try expect(step, command, on: channel)
        case .openChannel(let settings):
            secured?.close()
            secured = try GlobalPlatformChannel.open(on: channel, keys: keys, settings)
        case .secured(let command): try expect(step, command, on: open(secured))
        case .storeKeys(let grouping, let p1, let number):
            let secured = try open(secured)
            let content: [UInt8]
            do throws(GlobalPlatformKeyError) {
                content = try secured.session.encipher(
                    keys: grouping.keys.map { .issuer(KeyName(rawValue: $0)) }, of: card)
            } catch {
                throw .keys(error)
            }
            guard let data = DataGrouping(grouping.identifier, content) else {
                throw .malformed(.dataTooLong(content.count))
            }
            try expect(
                step, GlobalPlatformCommands.storeData(p1: p1, number: number, data.bytes), on: secured)
        case .putKey(let replacement, let check):
            let secured = try open(secured)
            let request: PutKeyCommand
            do throws(GlobalPlatformKeyError) {
                request = try secured.session.putKey(
                    PutKeyRequest(
                        keySet: replacement.keySet, replacing: replacement.replacing, checkValue: check.method,
                        statesLength: replacement.statesLength))
            } catch {
                throw .keys(error)
            }
            guard try answer(request.command, on: secured) == request.answer else { throw .differs("PUT KEY") }
        }
    }

    private func open(_ secured: GlobalPlatformChannel?) throws(GlobalPlatformError) -> GlobalPlatformChannel {
        guard let secured else { throw .keys(.sessionClosed) }
        return secured
    }

    private func expect(
        _ step: GlobalPlatformStep, _ command: CommandAPDU, on channel: any CardChannel
    ) throws(GlobalPlatformError) {
        let response = try transmit(command, on: channel)
        if step.expectation == .successOrNothingThere, response.statusWord == .referencedDataNotFound { return }
        guard response.statusWord.isSuccess else { throw .refused(command.header, response.statusWord) }
        if case .data(let expected) = step.expectation, response.data != expected { throw .differs(step.subject) }
    }

    private func answer(
        _ command: CommandAPDU, on channel: any CardChannel
    ) throws(GlobalPlatformError) -> [UInt8] {
        let response = try transmit(command, on: channel)
        guard response.statusWord.isSuccess else { throw .refused(command.header, response.statusWord) }
        return response.data
    }

    private func transmit(
        _ command: CommandAPDU, on channel: any CardChannel
    ) throws(GlobalPlatformError) -> ResponseAPDU {
        do throws(CardChannelError) { return try channel.transmit(command) } catch { throw .channel(error) }
    }
}

extension GlobalPlatformRunner.Stopped: FaultReporting {
    /// Where it stopped, then why.
    public var faults: [Fault] {
        [Fault("globalplatform.stopped", ["stepZh": step.text, "step": step.englishText])] + error.faults
    }
}

extension GlobalPlatformProfile.KeyReplacement.CheckValue {
    fileprivate var method: KeyCheckValue.Method {
        switch self {
        case .encryptedZeros: .encryptedZeros
        case .encryptedOnes: .encryptedOnes
        case .cmacOfZeros: .cmacOfZeros
        }
    }
}
