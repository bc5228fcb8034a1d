/// What a store answers when an event arrives that may be there already: the name is counter and sequence, the bytes decide.
public enum Intake: Hashable, Sendable {
    /// It is new.
    case stored
    /// It is there, byte for byte: the same answer as the first time.
    case known
    /// 分叉: other bytes stand under its name. The counter is quarantined, both are kept, the security officer is called: its key
    /// was stolen, or its disk was restored from an image.
    case fork
    /// 离岗后签署: it was signed by a counter or officer after removal from duty. It is kept and has no effect.
    case quarantined

    /// Judges an event by the hash that stands under its name.
    ///
    /// - Parameters:
    ///   - known: the hash of the event with the same name in the store; nil when there is none.
    ///   - removedAfter: the counter's last sequence before it was removed from duty; nil while it is on duty.
    public static func judge(
        _ hash: EventHash, of identifier: EventIdentifier, known: EventHash?, removedAfter: UInt64? = nil
    ) -> Intake {
        if let known { return known == hash ? .known : .fork }
        if let removedAfter, identifier.sequence > removedAfter { return .quarantined }
        return .stored
    }
}
