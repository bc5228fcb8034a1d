import CardApplication
import CardLayout
import ISO7816

/// A torn GlobalPlatform card: asked what it is without spending a try, then begun anew or locked.
extension TornCard {
    /// Applications are deleted and installed anew as long as the blank's keys stand; once the lock has begun the card is asked which
    /// keys it has.
    func entryOfApplications(_ stage: Int, _ profile: GlobalPlatformProfile) throws -> PlanRunner.Entry {
        guard plan.stages[stage].kind == .lock else { return .beginning }
        guard let replacement = profile.keyReplacement,
            let step = plan.stages[stage].steps.firstIndex(where: { $0.purpose.kind == .replaceMaster })
        else { return PlanRunner.Entry(stage: stage) }
        let settings = try profile.channelSettings(keySet: replacement.keySet, version: 0x00)
        // INITIALIZE UPDATE tells the version of the keys, and its cryptogram proves them; no try hangs on it.
        let isReplaced = try conversation.proofOfSecurityDomain(profile, settings) == .proven
        return PlanRunner.Entry(stage: stage, step: isReplaced ? step + 1 : 0)
    }

    /// Which identification code the card's environment has, if it is there and was personalised.
    ///
    /// - Parameter isPast: whether the stage that writes the code was done.
    func checkApplications(
        _ selection: PlanStep, _ reading: PlanStep, _ expected: [UInt8], past isPast: Bool
    ) throws {
        guard try conversation.send(selection.operation, wantsAnswer: false).statusWord.isSuccess else {
            return try judge(.absent, [], past: isPast)
        }
        let record = try conversation.send(reading.operation)
        let length = IdentificationCodeReading.length
        guard record.statusWord.isSuccess, record.data.count >= length else {
            return try judge(.absent, [], past: isPast)
        }
        // whatever template stands around the record, the code ends it
        try judge(
            IdentificationCodeReading(content: Array(record.data.suffix(length))), Array(expected.suffix(length)),
            past: isPast)
    }
}
