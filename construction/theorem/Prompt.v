(** The codec's prompt says what it should: it is well-formed, it shows the examples, and it describes the start
    configuration. Contexts have the newest token first, prompts the oldest. *)
From Coq Require Import List QArith ZArith Bool Lia Lqa PeanoNat.
From Tapehead Require Import Sums Transformer Machine Vocabulary Ledger Embedding.
Import ListNotations.
Open Scope Z_scope.

Fixpoint feed (c : list token) (ts : list token) : list token := match ts with [] => c | t :: ts => feed (t :: c) ts end.
Lemma feed_rev ts : forall c, feed c ts = rev ts ++ c.
Proof. induction ts as [|t ts IH]; intros c; cbn; [reflexivity|]. now rewrite IH, <- app_assoc. Qed.
Lemma feed_app a b c : feed c (a ++ b) = feed (feed c a) b.
Proof. rewrite !feed_rev, rev_app_distr, app_assoc. reflexivity. Qed.

Lemma feed_examples M : forall c, config_of (feed c (map TExample M)) = config_of c /\ forall i, count i (feed c (map TExample M)) = count i c.
Proof. induction M as [|r M IH]; intros c; cbn [map feed]; [auto|]. destruct (IH (TExample r :: c)) as [-> H]. split; auto. Qed.

Lemma feed_cells j w : forall c, let c' := feed c (cells j w) in
  state (config_of c') = state (config_of c) /\ (forall i, head_at (config_of c') i = head_at (config_of c) i)
  /\ (forall i, count i c' = count i c + if Nat.eqb j i then Z.of_nat (length w) else 0)
  /\ (forall i x, tape (config_of c') i x =
      if Nat.eqb j i && (count i c <=? x) && (x <? count i c + Z.of_nat (length w)) then nth (Z.to_nat (x - count i c)) w 0%nat
      else tape (config_of c) i x).
Proof.
  induction w as [|a w IH]; intros c; unfold cells in *; cbn [map feed length]; cbv zeta.
  - split; [reflexivity|]. split; [reflexivity|]. split; intros i; [destruct (Nat.eqb j i); lia|].
    intros x. destruct (Nat.eqb j i); cbn [andb]; [|reflexivity].
    destruct (Z.leb_spec (count i c) x), (Z.ltb_spec x (count i c + Z.of_nat 0)); cbn [andb]; try reflexivity; lia.
  - specialize (IH (TCell j a :: c)). cbv zeta in IH. destruct IH as (H1 & H2 & H3 & H4).
    split; [exact H1|]. split; [exact H2|]. split.
    + intros i. rewrite H3. cbn [count]. destruct (Nat.eqb j i); lia.
    + intros i x. rewrite H4. cbn [config_of tape count]. destruct (Nat.eqb j i); cbn [andb]; [|reflexivity].
      destruct (Z.leb_spec (1 + count i c) x), (Z.ltb_spec x (1 + count i c + Z.of_nat (length w))),
        (Z.leb_spec (count i c) x), (Z.ltb_spec x (count i c + Z.of_nat (S (length w)))); cbn [andb]; try lia.
      * replace (Z.to_nat (x - count i c)) with (S (Z.to_nat (x - (1 + count i c)))) by lia. reflexivity.
      * destruct (Z.eqb_spec x (count i c)); [lia|reflexivity].
      * destruct (Z.eqb_spec x (count i c)) as [->|]; [|lia]. now rewrite Z.sub_diag.
      * destruct (Z.eqb_spec x (count i c)); [lia|reflexivity].
Qed.

Definition cells_from (s : nat) (ws : list (list nat)) : list token :=
  flat_map (fun p => cells (fst p) (snd p)) (combine (seq s (length ws)) ws).
Lemma feed_all_cells ws : forall s c, (forall i, (s <= i)%nat -> count i c = 0) ->
  (forall i x, (s <= i)%nat -> tape (config_of c) i x = 0%nat) ->
  let c' := feed c (cells_from s ws) in
  state (config_of c') = state (config_of c) /\ (forall i, head_at (config_of c') i = head_at (config_of c) i)
  /\ (forall i x, tape (config_of c') i x = if Nat.ltb i s then tape (config_of c) i x
        else if x <? 0 then 0%nat else nth (Z.to_nat x) (nth (i - s) ws []) 0%nat).
Proof.
  induction ws as [|w ws IH]; intros s c Hc Ht; cbv zeta.
  - split; [reflexivity|]. split; [reflexivity|]. intros i x. cbn [length cells_from seq combine flat_map feed]. destruct (Nat.ltb_spec i s); [reflexivity|]. cbn. rewrite Ht by auto.
    destruct (x <? 0), (i - s)%nat, (Z.to_nat x); reflexivity.
  - change (cells_from s (w :: ws)) with (cells s w ++ cells_from (S s) ws). rewrite feed_app.
    pose proof (feed_cells s w c) as H. cbv zeta in H. destruct H as (H1 & H2 & H3 & H4).
    specialize (IH (S s) (feed c (cells s w))). cbv zeta in IH. destruct IH as (I1 & I2 & I3).
    + intros i Hi. rewrite H3, Hc by lia. destruct (Nat.eqb_spec s i); lia.
    + intros i x Hi. rewrite H4. destruct (Nat.eqb_spec s i); [lia|]. cbn [andb]. apply Ht. lia.
    + split; [congruence|]. split; [intros; congruence|]. intros i x. rewrite I3, H4.
      destruct (Nat.ltb_spec i (S s)), (Nat.ltb_spec i s); try lia.
      * destruct (Nat.eqb_spec s i); [lia|reflexivity].
      * assert (i = s) as -> by lia. rewrite Nat.eqb_refl, Nat.sub_diag, Hc by lia. cbn [andb nth].
        destruct (Z.leb_spec 0 x), (Z.ltb_spec x (0 + Z.of_nat (length w))), (Z.ltb_spec x 0); cbn [andb]; try lia.
        -- f_equal. lia.
        -- rewrite Ht by lia. rewrite nth_overflow by lia. reflexivity.
        -- apply Ht. lia.
      * replace (i - s)%nat with (S (i - S s)) by lia. reflexivity.
Qed.

Lemma feed_shifts j m n : forall c, let c' := feed c (repeat (TShift j m) n) in
  state (config_of c') = state (config_of c) /\ (forall i x, tape (config_of c') i x = tape (config_of c) i x)
  /\ (forall i, head_at (config_of c') i = head_at (config_of c) i + if Nat.eqb j i then Z.of_nat n * shift m else 0).
Proof.
  induction n as [|n IH]; intros c; cbn [repeat feed]; cbv zeta.
  - split; [reflexivity|]. split; [reflexivity|]. intros i. destruct (Nat.eqb j i); lia.
  - specialize (IH (TShift j m :: c)). cbv zeta in IH. destruct IH as (H1 & H2 & H3). split; [exact H1|]. split; [exact H2|].
    intros i. rewrite H3. cbn [config_of head_at]. destruct (Nat.eqb j i); lia.
Qed.

Definition shifts_from (s : nat) (xs : list Z) : list token := flat_map (fun p => shifts (fst p) (snd p)) (combine (seq s (length xs)) xs).
Lemma feed_all_shifts xs : forall s c, let c' := feed c (shifts_from s xs) in
  state (config_of c') = state (config_of c) /\ (forall i x, tape (config_of c') i x = tape (config_of c) i x)
  /\ (forall i, head_at (config_of c') i = head_at (config_of c) i + if Nat.ltb i s then 0 else nth (i - s) xs 0).
Proof.
  induction xs as [|x0 xs IH]; intros s c; cbv zeta.
  - split; [reflexivity|]. split; [reflexivity|]. intros i. cbn [length shifts_from seq combine flat_map feed]. destruct (Nat.ltb i s), (i - s)%nat; cbn [nth]; lia.
  - change (shifts_from s (x0 :: xs)) with (shifts s x0 ++ shifts_from (S s) xs). rewrite feed_app.
    pose proof (feed_shifts s (if x0 <? 0 then L else R) (Z.abs_nat x0) c) as H. cbv zeta in H. fold (shifts s x0) in H.
    destruct H as (H1 & H2 & H3). specialize (IH (S s) (feed c (shifts s x0))). cbv zeta in IH. destruct IH as (I1 & I2 & I3).
    split; [congruence|]. split; [intros; now rewrite I2, H2|]. intros i. rewrite I3, H3.
    destruct (Nat.ltb_spec i (S s)), (Nat.ltb_spec i s), (Nat.eqb_spec s i); try lia.
    + subst. rewrite Nat.sub_diag. cbn [nth]. destruct (Z.ltb_spec x0 0); cbn [shift]; lia.
    + replace (i - s)%nat with (S (i - S s)) by lia. cbn [nth]. lia.
Qed.

(** A run depends on the configuration only through what its tapes hold. *)
Lemma run_ext k pi n : forall x y, state x = state y -> (forall i, (i < k)%nat -> head_at x i = head_at y i) ->
  (forall i z, (i < k)%nat -> tape x i z = tape y i z) -> run k pi x n = run k pi y n.
Proof.
  induction n as [|n IH]; intros x y Hs Hh Ht; [reflexivity|]. cbn [run].
  assert (E : under_heads k x = under_heads k y).
  { unfold under_heads. apply map_ext_in. intros i I. apply in_seq in I. rewrite Hh, Ht by lia. reflexivity. }
  rewrite Hs, E. destruct (pi (state y) (under_heads k y)); [|reflexivity]. f_equal. apply IH.
  - reflexivity.
  - intros i Hi. cbn. now rewrite Hh.
  - intros i z Hi. cbn. now rewrite Hh, Ht.
Qed.

Lemma examples_of_app c d : examples_of (c ++ d) = examples_of c ++ examples_of d.
Proof. apply flat_map_app. Qed.
Lemma examples_of_rev c : examples_of (rev c) = rev (examples_of c).
Proof.
  induction c as [|t c IH]; [reflexivity|]. cbn [rev]. rewrite examples_of_app, IH. cbn [examples_of flat_map].
  destruct (example_of t); cbn [app rev]; [reflexivity|]. now rewrite app_nil_r.
Qed.
Lemma examples_of_nothing c : (forall t, In t c -> example_of t = None) -> examples_of c = [].
Proof.
  induction c as [|t c IH]; intros H; [reflexivity|]. cbn [examples_of flat_map]. rewrite (H t (or_introl eq_refl)).
  apply IH. intros t' I. apply H. now right.
Qed.

Section Prompt.
  Variables (nQ nS k : nat) (examples : list rule) (input : list (list nat)) (start : list Z) (q : nat).
  Hypotheses (examples_valid : forall e, In e examples -> valid_rule nQ nS k e) (start_valid : valid_start nQ nS k input start q).
  Notation text := (prompt examples input start q).
  Definition quiet (t : token) : bool := match t with TExample _ | TCell _ _ | TShift _ _ | TRun _ => true | _ => false end.
  Lemma feed_wf ts : forall c, wf nQ nS k c -> existsb is_step c = false ->
    (forall t, In t ts -> valid nQ nS k t /\ quiet t = true) -> wf nQ nS k (feed c ts).
  Proof.
    induction ts as [|t ts IH]; intros c W NS H; cbn [feed]; [exact W|].
    destruct (H t (or_introl eq_refl)) as [V Qt].
    apply IH; [|destruct t; try discriminate; exact NS|intros; apply H; now right].
    destruct t; try discriminate; constructor; auto.
  Qed.

  Definition body : list token := map TExample examples ++ cells_from 0 input ++ shifts_from 0 start ++ [TRun q].
  Lemma text_is : rev text = feed [TBos] body.
  Proof. rewrite feed_rev. reflexivity. Qed.

  Lemma body_tokens t : In t body -> valid nQ nS k t /\ quiet t = true.
  Proof.
    unfold body. rewrite !in_app_iff. destruct start_valid as (Hi & Hs & Hsym & Hq). intros [I|[I|[I|[<-|[]]]]].
    - apply in_map_iff in I as (r & <- & I). split; [apply examples_valid; auto|reflexivity].
    - unfold cells_from in I. apply in_flat_map in I as ((j, w) & Ij & I). cbn [fst snd] in I. apply in_map_iff in I as (a & <- & I).
      split; [|reflexivity]. pose proof (in_combine_l _ _ _ _ Ij) as Il. pose proof (in_combine_r _ _ _ _ Ij) as Ir. apply in_seq in Il.
      rewrite Forall_forall in Hsym. specialize (Hsym w Ir). rewrite Forall_forall in Hsym. split; [lia|auto].
    - unfold shifts_from in I. apply in_flat_map in I as ((j, x) & Ij & I). cbn [fst snd] in I. unfold shifts in I. apply repeat_spec in I as ->.
      split; [|reflexivity]. pose proof (in_combine_l _ _ _ _ Ij) as Il. apply in_seq in Il. cbn [valid]. split; [lia|]. destruct (x <? 0); discriminate.
    - split; [exact Hq|reflexivity].
  Qed.

  Lemma text_wf : wf nQ nS k (rev text).
  Proof. rewrite text_is. apply feed_wf; [constructor|reflexivity|exact body_tokens]. Qed.

  Lemma text_examples : examples_of (rev text) = rev examples.
  Proof.
    rewrite examples_of_rev. f_equal. change text with (TBos :: body). unfold body.
    match goal with |- examples_of (TBos :: ?l) = _ => change (examples_of (TBos :: l)) with (examples_of l) end. rewrite !examples_of_app.
    assert (E : forall es, examples_of (map TExample es) = es) 
      by (induction es as [|e es IH]; [reflexivity|]; change (e :: examples_of (map TExample es) = e :: es); now rewrite IH).
    rewrite E, !examples_of_nothing; [now rewrite !app_nil_r|..].
    - intros t [<-|[]]. reflexivity.
    - intros t I. apply in_flat_map in I as (p & _ & I). unfold shifts in I. apply repeat_spec in I as ->. reflexivity.
    - intros t I. apply in_flat_map in I as (p & _ & I). apply in_map_iff in I as (a & <- & _). reflexivity.
  Qed.

  Lemma text_config_is : let c := config_of (rev text) in let x := start_config input start q in
    state c = state x /\ (forall i, (i < k)%nat -> head_at c i = head_at x i) /\ (forall i z, (i < k)%nat -> tape c i z = tape x i z).
  Proof.
    cbv zeta. rewrite text_is. unfold body. rewrite !feed_app.
    set (c1 := feed [TBos] (map TExample examples)). destruct (feed_examples examples [TBos]) as [E1 E2]. fold c1 in E1, E2.
    pose proof (feed_all_cells input 0 c1) as H. cbv zeta in H. destruct H as (C1 & C2 & C3).
    { intros. rewrite E2. reflexivity. }
    { intros. rewrite E1. reflexivity. }
    set (c2 := feed c1 (cells_from 0 input)) in *.
    pose proof (feed_all_shifts start 0 c2) as H. cbv zeta in H. destruct H as (S1 & S2 & S3). set (c3 := feed c2 (shifts_from 0 start)) in *.
    split; [|split]; cbn [feed config_of state head_at tape start_config].
    - reflexivity.
    - intros i Hi. rewrite S3, C2, E1. cbn [Nat.ltb Nat.leb]. rewrite Nat.sub_0_r. reflexivity.
    - intros i x Hi. rewrite S2, C3. cbn [Nat.ltb Nat.leb]. rewrite Nat.sub_0_r. reflexivity.
  Qed.
  Lemma text_config pi n : run k pi (config_of (rev text)) n = run k pi (start_config input start q) n.
  Proof. destruct text_config_is as (E1 & E2 & E3). now apply run_ext. Qed.

  Lemma text_state : state (config_of (rev text)) = q /\ new_state (newest (rev text)) = Some q.
  Proof. rewrite text_is. unfold body. rewrite !feed_app. split; reflexivity. Qed.
End Prompt.
