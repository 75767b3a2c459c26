package dev.latchkey.protocol;

/** What a frame says. */
public sealed interface Message permits Request, Delivery, Refusal, Plan, Check, Status, Supply, Ask, Parcel {}
