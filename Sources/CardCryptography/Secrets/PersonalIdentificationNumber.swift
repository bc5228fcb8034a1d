/// The holder's PIN (个人密码) as packed digits. (Laid here for the rooms above; storage that wipes itself follows.)
public final class PersonalIdentificationNumber: Sendable {}
