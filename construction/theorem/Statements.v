(** THE THEOREM. What is claimed of a network's tensors, and that it holds of all tensors that pass one computation.

    Averaging hard attention in place of softmax, rationals in place of floating point. To know what the statements say, read:
    - Machine.v: [policy], [rule], [decision], [deterministic], [run], [prompt], [start_config] and what is [valid];
    - Vocabulary.v: [encode], the numbers of a token's rows, and what it is made of ([rows], [vocabulary], [number]);
    - Tensors.v: [logit], the transformer; in Sums.v the [sum] and the averaging attention [hard] that it calls;
    - Decoder.v: [generate] and [greedy];
    - for statement 2 also [examples_of_function] in Policies.v with [all_situations] in Decoder.v; for 3 [pad_rule] and [pad_token]
      in Policies.v; for 4 [law], [sampled] and [after] in Law.v, [chance] in Rules.v with [ind] in Sums.v, [relu] in Transformer.v;
      for 5 [state_policy] in NextToken.v and [named] in Rules.v; for 6 [exact_rule] in BaseNetwork.v and [as_rule] in Rules.v;
    - for what they are said of, a network's own tensors: [exported] and [tensors_of] in Prefix.v, with [terms], [head], [ff_unit],
      [block] and [coeff] in Transformer.v. *)
From Coq Require Import List QArith ZArith Bool Lia Lqa PeanoNat.
From Tapehead Require Import Sums Transformer Machine Vocabulary BaseNetwork Ledger Embedding Rules Decide NextToken Decoder Prompt Run Policies
  Law Prefix Renaming.
From Tapehead Require Tensors.
Import ListNotations.
Open Scope Q_scope.

(** ** What is claimed *)
Section Statements.
  (** The capacity, the code, the tensors, and the most tokens of a context. *)
  Variables (nQ nS k : nat) (cd : code) (N : Tensors.tensors) (bound : Z).

  (** The logit that the tensors give a token after a context, newest token first. *)
  Definition tensor_logit (c : list token) (t : token) : Q :=
    Tensors.logit N (map (encode nQ nS k cd) (rev c)) (encode nQ nS k cd t).
  Definition room (text : list token) (n : nat) : Prop := (Z.of_nat (length text + n) <= bound)%Z.

  (** After a prompt come [expected] tokens: at each the right one's logit is 1 and every other token's of the vocabulary at
      most 0; so every greedy decoder generates them, and there is one. *)
  Definition generates (text : list token) (n : nat) (expected : nat -> list token) : Prop :=
    (forall m ts t, (m < n)%nat -> expected (S m) = ts ++ [t] -> length ts = m ->
      tensor_logit (rev (text ++ ts)) t == 1 /\
      forall t', valid nQ nS k t' -> t' <> t -> tensor_logit (rev (text ++ ts)) t' <= 0)
    /\ (exists pick, greedy nQ nS k tensor_logit pick)
    /\ (forall pick, greedy nQ nS k tensor_logit pick -> generate pick (rev text) n = expected n).

  (** STATEMENT 1: every deterministic machine, every input, every start. *)
  Definition runs_every_machine : Prop := forall rules input start q n,
    (forall r, In r rules -> valid_rule nQ nS k r) -> deterministic rules -> valid_start nQ nS k input start q ->
    room (prompt rules input start q) n ->
    generates (prompt rules input start q) n (run k (decision rules) (start_config input start q)).

  (** STATEMENT 2: every function from situations to actions, by its examples, in any order and number. *)
  Definition runs_every_function : Prop := forall (pi : policy) rules input start q n,
    (forall q s a, valid_situation nQ nS k q s -> pi q s = Some a -> valid_action nQ nS k a) ->
    (forall r, In r rules <-> In r (examples_of_function nQ nS k pi)) -> valid_start nQ nS k input start q ->
    room (prompt rules input start q) n ->
    generates (prompt rules input start q) n (run k pi (start_config input start q)).

  (** STATEMENT 3: machines with fewer tapes; the codec gives them idle ones, blank under a head that stays. *)
  Definition runs_machines_with_fewer_tapes : Prop := forall k' idle rules input start q n, (k' + idle)%nat = k ->
    (forall r, In r rules -> valid_rule nQ nS k' r) -> deterministic rules -> valid_start nQ nS k' input start q ->
    room (prompt (map (pad_rule idle) rules) input start q) n ->
    generates (prompt (map (pad_rule idle) rules) input start q) n
      (fun n => map (pad_token idle) (run k' (decision rules) (start_config input start q) n)).

  (** After a text the positive logits are these chances, and over the vocabulary, each token once, they sum to 1. *)
  Definition distributed (text : list token) (chances : token -> Q) : Prop :=
    let share t := relu (tensor_logit (rev text) t) in
    (forall t, valid nQ nS k t -> share t == chances t)
    /\ exists every, NoDup every /\ (forall t, In t every <-> valid nQ nS k t) /\ sum share every == 1.

  (** STATEMENT 4: in joint code, any examples: after any steps that can be drawn the positive logits are a distribution, the
      examples' empirical one in the situation that is reached; so sampling from them has the law of the examples. *)
  Definition samples_from_its_examples : Prop := cd = Joint -> forall rules input start q ts,
    (forall r, In r rules -> valid_rule nQ nS k r) -> valid_start nQ nS k input start q -> Forall (valid nQ nS k) ts ->
    room (prompt rules input start q) (length ts) ->
    let x := start_config input start q in
    (~ In TStop ts -> 0 < law k rules x ts ->
      distributed (prompt rules input start q ++ ts) (chance (under_heads k (after x ts)) (state (after x ts)) rules))
    /\ sampled tensor_logit (rev (prompt rules input start q)) ts == law k rules x ts.

  (** STATEMENT 5: wrong or missing examples: what they state is done, and STOP where none matches. They state a policy if in
      every situation the examples that match it name one action ([state_policy]). *)
  Definition follows_its_examples : Prop := forall (pi : policy) rules input start q n,
    (forall r, In r rules -> valid_rule nQ nS k r) -> state_policy (nQ := nQ) (nS := nS) (k := k) rules pi ->
    valid_start nQ nS k input start q -> room (prompt rules input start q) n ->
    generates (prompt rules input start q) n (run k pi (start_config input start q)).

  (** STATEMENT 6, first half: the network that is tuned to some rules does without examples what they say. *)
  Definition runs_its_rules (rules : list exact_rule) : Prop := forall input start q n,
    valid_start nQ nS k input start q -> room (prompt [] input start q) n ->
    generates (prompt [] input start q) n (run k (decision (map as_rule rules)) (start_config input start q)).
End Statements.

(** STATEMENT 6: base with the examples = tuned without, token for token. *)
Definition base_with_examples_is_tuned_without (nQ nS k : nat) (cd : code) (base tuned : Tensors.tensors) (bound : Z)
    (rules : list exact_rule) : Prop := forall input start q n pick pick',
  valid_start nQ nS k input start q -> room bound (prompt (map as_rule rules) input start q) n ->
  greedy nQ nS k (tensor_logit nQ nS k cd base) pick -> greedy nQ nS k (tensor_logit nQ nS k cd tuned) pick' ->
  generate pick (rev (prompt (map as_rule rules) input start q)) n = generate pick' (rev (prompt [] input start q)) n.

(** ** The computation: these tensors are the network that BaseNetwork.v writes down, at these five constants, and the bound
    is within what they hold. *)
Fixpoint unique (l : list (nat * list nat)) : bool :=
  match l with [] => true | (q, s) :: l => forallb (fun p => negb (Nat.eqb (fst p) q && if list_eq_dec Nat.eq_dec (snd p) s then true else false)) l && unique l end.
Definition rule_fits (nQ nS k : nat) (r : exact_rule) : bool :=
  let a := then_does r in
  Nat.ltb (in_state r) nQ && Nat.eqb (length (reading r)) k && forallb (fun b => Nat.ltb b nS) (reading r)
  && (Nat.ltb (next a) nQ && Nat.eqb (length (writes a)) k && forallb (fun b => Nat.ltb b nS) (writes a) && Nat.eqb (length (moves a)) k).
Definition is_network (nQ nS k : nat) (cd : code) (beta M L K g : Q) (bound : Z) (rules : list exact_rule) (e : exported) : bool :=
  Nat.ltb 0 nS && negb (Qle_bool beta 0) && Qle_bool 1 g && Qle_bool (inject_Z bound) L && Qle_bool (2 * inject_Z bound) K
  && (forallb (rule_fits nQ nS k) rules && unique (situations rules) && well_sized e)
  && same_network (all_dirs nQ nS k cd) (vocabulary nQ nS k cd) (numbered e) (network nQ nS k cd beta M L K g rules).

Lemma below_all nS l : forallb (fun b => Nat.ltb b nS) l = true <-> Forall (fun b => b < nS)%nat l.
Proof. rewrite forallb_forall, Forall_forall. split; intros H b I; specialize (H b I); now apply Nat.ltb_lt. Qed.
Lemma unique_NoDup l : unique l = true -> NoDup l.
Proof.
  induction l as [|(q, s) l IH]; intros H; constructor; cbn [unique] in H; apply andb_true_iff in H as (H1 & H2); auto.
  intros I. rewrite forallb_forall in H1. specialize (H1 _ I). cbn [fst snd] in H1. rewrite Nat.eqb_refl in H1.
  destruct (list_eq_dec Nat.eq_dec s s); [discriminate|congruence].
Qed.
Lemma rule_fits_valid nQ nS k r : rule_fits nQ nS k r = true -> valid_rule nQ nS k (as_rule r).
Proof.
  unfold rule_fits. cbv zeta. rewrite !andb_true_iff, !Nat.ltb_lt, !Nat.eqb_eq, !below_all.
  intros (((Hq & Ls) & Fs) & (((Hn & Lw) & Fw) & Lm)). unfold valid_rule, valid_action, as_rule. cbn [on_state on_symbols does].
  rewrite length_of_map. repeat split; auto. rewrite Forall_forall in Fs |- *. intros o I. apply in_map_iff in I as (b & <- & I). auto.
Qed.

(** ** That it holds *)
Section Proof.
  Variables (nQ nS k : nat) (cd : code) (beta M L K g : Q) (bound : Z) (rules : list exact_rule) (e : exported).
  Hypothesis checked : is_network nQ nS k cd beta M L K g bound rules e = true.
  Notation N := (tensors_of e).
  Notation logit := (tensor_logit nQ nS k cd N).

  Lemma facts : (0 < nS)%nat /\ 0 < beta /\ 1 <= g /\ inject_Z bound <= L /\ 2 * inject_Z bound <= K
    /\ (forall r, In r rules -> valid_rule nQ nS k (as_rule r)) /\ NoDup (situations rules) /\ well_sized e = true
    /\ same_network (all_dirs nQ nS k cd) (vocabulary nQ nS k cd) (numbered e) (network nQ nS k cd beta M L K g rules) = true.
  Proof.
    pose proof checked as H. unfold is_network in H. rewrite !andb_true_iff in H.
    destruct H as ((((((H1 & H2) & H3) & H4) & H5) & ((H6 & H7) & H8)) & H9).
    refine (conj _ (conj _ (conj _ (conj _ (conj _ (conj _ (conj _ (conj H8 H9)))))))).
    - now apply Nat.ltb_lt.
    - apply negb_true_iff in H2. destruct (Qlt_le_dec 0 beta) as [P|P]; auto. apply Qle_bool_iff in P. congruence.
    - now apply Qle_bool_iff.
    - now apply Qle_bool_iff.
    - now apply Qle_bool_iff.
    - intros r I. rewrite forallb_forall in H6. apply rule_fits_valid. auto.
    - now apply unique_NoDup.
  Qed.

  (** The tensors' logits are those of the network over named directions. *)
  Lemma tensor_logit_is c t : wf nQ nS k c -> valid nQ nS k t -> logit c t == @logit_of nQ nS k cd beta M L K g rules c t.
  Proof.
    intros W V. destruct facts as (B & _ & _ & _ & _ & _ & _ & Sz & Same). unfold tensor_logit.
    rewrite (tensors_logit e Sz).
    - rewrite <- map_rev, rev_involutive. unfold logit_of, encode.
      rewrite <- (same_logits _ _ (token_width k cd) _ _ Same (map (rows cd) c) (rows cd t)).
      + now rewrite map_map.
      + intros tok I. apply in_map_iff in I as (t' & <- & I). apply (valid_known nQ nS k cd B). exact (wf_all_valid nQ nS k c W t' I).
      + now apply (valid_known nQ nS k cd B).
    - destruct W; cbn [rev]; try (intros E; apply map_eq_nil, app_eq_nil in E as (_ & E); discriminate).
  Qed.

  Lemma room_constants text n : room bound text n -> inject_Z (Z.of_nat (length text + n)) <= L /\ 2 * inject_Z (Z.of_nat (length text + n)) <= K.
  Proof. intros R. destruct facts as (_ & _ & _ & HL & HK & _). unfold room in R. rewrite Zle_Qle in R. split; lra. Qed.

  Lemma told_generates pi examples input start q n :
    (rules = [] /\ @state_policy nQ nS k examples pi) \/ (examples = [] /\ @have_policy nQ nS k rules pi) ->
    (forall r, In r examples -> valid_rule nQ nS k r) -> valid_start nQ nS k input start q -> room bound (prompt examples input start q) n ->
    generates nQ nS k cd N (prompt examples input start q) n (run k pi (start_config input start q)).
  Proof.
    intros T Ve Vs R. destruct facts as (B & Hb & Hg & _ & _ & Hr & _). split; [|split].
    - intros m ts t Hm E Ln. assert (R' : room bound (prompt examples input start q) m) by (unfold room in *; lia).
      destruct (room_constants _ m R') as [HL HK].
      exact (prompt_leads B Hb Hg Hr logit tensor_logit_is examples input start q pi m ts t Ve Vs T HL HK E Ln).
    - apply greedy_exists.
    - intros pick G. destruct (room_constants _ n R) as [HL HK].
      exact (prompt_runs B Hb Hg Hr logit tensor_logit_is examples input start q pi pick n Ve Vs T G HL HK).
  Qed.

  Section Base.
    Hypothesis base : rules = [].
    Theorem statement_5 : follows_its_examples nQ nS k cd N bound.
    Proof. intros pi examples input start q n Ve T Vs R. apply told_generates; auto. Qed.
    Theorem statement_1 : runs_every_machine nQ nS k cd N bound.
    Proof. intros examples input start q n Ve D Vs R. apply statement_5; auto. now apply deterministic_states. Qed.
    Theorem statement_2 : runs_every_function nQ nS k cd N bound.
    Proof.
      intros pi examples input start q n Va E Vs R. apply statement_5; auto.
      - intros r I. apply E in I. eapply function_valid; eauto.
      - now apply function_stated.
    Qed.
    Theorem statement_3 : runs_machines_with_fewer_tapes nQ nS k cd N bound.
    Proof.
      intros k' idle examples input start q n Ek Ve D Vs R. destruct facts as (B & _).
      assert (Lr : forall r, In r examples -> length (on_symbols r) = k') by (intros r I; apply (Ve r I)).
      assert (G : generates nQ nS k cd N (prompt (map (pad_rule idle) examples) input start q) n
        (run k (decision (map (pad_rule idle) examples)) (start_config input start q))).
      { apply statement_1; auto.
        - intros r I. apply in_map_iff in I as (r' & <- & I). rewrite <- Ek. apply pad_valid; auto.
        - now apply (pad_deterministic k').
        - destruct Vs as (V1 & V2 & V3 & V4). repeat split; auto; lia. }
      assert (E : forall m, run k (decision (map (pad_rule idle) examples)) (start_config input start q) m
        = map (pad_token idle) (run k' (decision examples) (start_config input start q) m)).
      { intros m. rewrite <- Ek. apply idle_tapes; [|apply Vs]. intros r I. destruct (Ve r I) as (_ & Vl & _ & (_ & Vw & _ & Vm)). auto. }
      destruct G as (G1 & G2 & G3). split; [|split].
      - intros m ts t Hm Et. rewrite <- E in Et. now apply G1.
      - exact G2.
      - intros pick Gp. rewrite <- E. now apply G3.
    Qed.
    Theorem statement_4 : samples_from_its_examples nQ nS k cd N bound.
    Proof.
      intros J examples input start q ts Ve Vs Vt R. destruct facts as (B & Hb & Hg & _). destruct (room_constants _ _ R) as [HL HK].
      pose proof tensor_logit_is as Is. rewrite base in Is. unfold distributed. cbv zeta. generalize dependent logit. intros l Is. rewrite J in Is.
      split; [|exact (prompt_law B Hb Hg l Is examples input start q ts Ve Vs Vt HL HK)].
      intros Ns Pos. destruct (prompt_distribution B Hb Hg l Is examples input start q ts Ve Vs Vt HL HK Ns Pos) as (P1 & P2).
      split; [exact P1|]. destruct (vocabulary_listed nQ nS k) as (every & Nd & All). exists every. auto.
    Qed.
    Theorem base_network_proved : runs_every_machine nQ nS k cd N bound /\ runs_every_function nQ nS k cd N bound
      /\ runs_machines_with_fewer_tapes nQ nS k cd N bound /\ samples_from_its_examples nQ nS k cd N bound
      /\ follows_its_examples nQ nS k cd N bound.
    Proof. auto using statement_1, statement_2, statement_3, statement_4, statement_5. Qed.
  End Base.

  Theorem tuned_network_runs_its_rules : runs_its_rules nQ nS k cd N bound rules.
  Proof.
    intros input start q n Vs R. destruct facts as (_ & _ & _ & _ & _ & _ & U & _). apply told_generates; auto.
    - right. split; auto. intros q' s' _. now apply named_once.
    - intros r [].
  Qed.
End Proof.

Theorem tuned_network_proved nQ nS k cd beta M L K g bound rules base tuned :
  is_network nQ nS k cd beta M L K g bound [] base = true -> is_network nQ nS k cd beta M L K g bound rules tuned = true ->
  runs_its_rules nQ nS k cd (tensors_of tuned) bound rules
  /\ base_with_examples_is_tuned_without nQ nS k cd (tensors_of base) (tensors_of tuned) bound rules.
Proof.
  intros C0 C1. pose proof (tuned_network_runs_its_rules _ _ _ _ _ _ _ _ _ _ _ _ C1) as T. split; [exact T|].
  intros input start q n pick pick' Vs R G G'.
  destruct (facts _ _ _ _ _ _ _ _ _ _ _ _ C1) as (_ & _ & _ & _ & _ & Hr & U & _).
  assert (R' : room bound (prompt [] input start q) n).
  { unfold room, prompt in *. cbn [map app length] in *. rewrite length_of_app in R. lia. }
  destruct (T input start q n Vs R') as (_ & _ & Tg). rewrite (Tg pick' G').
  assert (S5 := statement_5 _ _ _ _ _ _ _ _ _ _ _ _ C0 eq_refl (decision (map as_rule rules)) (map as_rule rules) input start q n).
  destruct S5 as (_ & _ & S5); auto.
  - intros r I. apply in_map_iff in I as (r' & <- & I). auto.
  - intros q' s' _. rewrite (named_once rules q' s' U). destruct (decision (map as_rule rules) q' s') as [a|]; [|reflexivity].
    split; [discriminate|]. intros b [<-|[]]. reflexivity.
Qed.
